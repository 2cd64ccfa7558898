package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// A claim is a name that a plan takes for itself: one host in one place can be configured once.
type claim struct {
	place string // such as "in namespace shop"
	what  string // such as a host
	path  string // the field that says so
	// mergeable says that a later plan which wants the very same, but for another client, can share the objects.
	mergeable bool
	// value, when set, is what is wanted of the name: others may want the same.
	value string
	hint  string // what to do, where it is not the usual
}

// merge joins plans that want the same for several clients, and refuses those that fight over a host.
//
// Istio keeps one ServiceEntry for a host and namespace and one owner of a DestinationRule, whichever is older
// (istio/istio pilot/pkg/model/push_context.go), so a second definition would be ignored in part, silently.
func merge(plans []*Plan) ([]*Plan, error) {
	type key struct{ place, what string }
	first := map[key]*Plan{}
	values := map[key]string{}
	names := map[string]*Plan{}
	var merged []*Plan
	var errs []error
	for _, p := range plans {
		claims := p.Scenario.claims(p)
		var into *Plan
		var conflict error
		for _, c := range claims {
			owner := first[key{c.place, c.what}]
			if owner == nil || owner == into || c.value != "" && c.value == values[key{c.place, c.what}] {
				continue
			}
			if into == nil && c.mergeable && len(differences(owner, p)) == 0 && !owner.serves(p) {
				into = owner
				continue
			}
			conflict = fight(c, owner, p)
			break
		}
		if conflict != nil {
			errs = append(errs, conflict)
			continue
		}
		if into != nil {
			if err := into.admit(p); err != nil {
				errs = append(errs, err)
				continue
			}
		} else {
			into = p
			merged = append(merged, p)
			for _, namespace := range p.Scenario.names(p) {
				id := namespace + "/" + p.Metadata.Name
				if !p.Scenario.uses("client") {
					id = "exposed " + id // objects of the called side have names of their own
				}
				if other := names[id]; other != nil && other != p {
					errs = append(errs, &Problem{
						At: p.draft.Place("metadata.name"), Path: "metadata.name",
						Text: fmt.Sprintf("%s is already the name of the definition at %s, which makes objects of the same names in namespace %s", p.Metadata.Name, other.draft.At, namespace),
						Hint: "give one of them another metadata.name",
					})
					break
				}
				names[id] = p
			}
		}
		for _, c := range claims {
			first[key{c.place, c.what}], values[key{c.place, c.what}] = into, c.value
		}
	}
	errs = append(errs, shadowed(merged)...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return merged, nil
}

// fight is the problem of two plans that claim the same.
func fight(c claim, owner, p *Plan) error {
	how, hint := "", "one host can be configured once in a place: make the two definitions agree in everything but the client, or give one of them another host or namespace"
	if d := differences(owner, p); len(d) > 0 {
		how = "; they differ in " + strings.Join(d, " and ")
	} else if c.mergeable {
		how = ", for the same client"
	} else {
		hint = fmt.Sprintf("scenario %s takes it once: write one definition, or give one of them another host or namespace", p.Scenario.ID)
	}
	if c.hint != "" {
		hint = c.hint
	}
	return &Problem{
		At: p.draft.Place(c.path), Path: c.path,
		Text: fmt.Sprintf("%s %s is already configured by the definition %s at %s%s", c.what, c.place, owner.Metadata.Name, owner.draft.At, how),
		Hint: hint,
	}
}

// admit adds the clients of another plan, whose names must not mean other pods.
func (p *Plan) admit(other *Plan) error {
	for _, c := range p.Clients {
		if d := other.Spec.Client; c.Namespace == d.Namespace && c.Name == d.Name {
			return &Problem{
				At: other.draft.Place("spec.client.name"), Path: "spec.client.name",
				Text: fmt.Sprintf("%s/%s is already the client of the definition at %s, with the labels %s", d.Namespace, d.Name, p.draft.At, labelText(c.Labels)),
				Hint: "give one of them another client.name",
			}
		}
	}
	for _, c := range p.Clients {
		d := other.Spec.Client
		if !p.Scenario.egress && c.Namespace == d.Namespace && (within(c.Labels, d.Labels) || within(d.Labels, c.Labels)) {
			return &Problem{
				At: other.draft.Place("spec.client.labels"), Path: "spec.client.labels",
				Text: fmt.Sprintf("%s and %s of the definition at %s choose some of the same pods, which then get either Secret", labelText(d.Labels), labelText(c.Labels), p.draft.At),
				Hint: "choose labels that no pod has both of",
			}
		}
	}
	p.Clients = append(p.Clients, other.Clients...)
	return nil
}

// within tells whether every pod with the labels b has the labels a.
func within(a, b map[string]string) bool {
	for key, value := range a {
		if b[key] != value {
			return false
		}
	}
	return true
}

// shadowed refuses a wildcard whose connections a more specific host takes away: where a VirtualService routes TLS for
// one name of a wildcard, istiod gives the wildcard no chain of its own in that namespace.
func shadowed(plans []*Plan) []error {
	var errs []error
	for _, wild := range plans {
		suffix, ok := strings.CutPrefix(wild.Spec.Service.Host, "*")
		if !ok || wild.Spec.Encryption != Passthrough {
			continue
		}
		for _, p := range plans {
			if !p.Scenario.egress || p.Spec.Encryption != Passthrough || !strings.HasSuffix(p.Spec.Service.Host, suffix) {
				continue
			}
			for _, c := range p.Clients {
				if c.Namespace == wild.Spec.Client.Namespace {
					errs = append(errs, &Problem{
						At: p.draft.Place("spec.service.host"), Path: "spec.service.host",
						Text: fmt.Sprintf("the route for %s would take the other names of %s (definition %s at %s) out of namespace %s", p.Spec.Service.Host, wild.Spec.Service.Host, wild.Metadata.Name, wild.draft.At, c.Namespace),
						Hint: "call both directly (1a), name the hosts of the wildcard one by one, or use another client namespace",
					})
					break
				}
			}
		}
	}
	return errs
}

// serves tells whether the plan already has this very client.
func (p *Plan) serves(other *Plan) bool {
	for _, c := range p.Clients {
		if c.Namespace == other.Spec.Client.Namespace && maps.Equal(c.Labels, other.Spec.Client.Labels) {
			return true
		}
	}
	return false
}

// differences lists, for people, in what two plans differ besides the client. Credentials of sidecars belong to the
// client where a DestinationRule can be limited to it.
func differences(a, b *Plan) []string {
	if a.Scenario.ID != b.Scenario.ID {
		return []string{fmt.Sprintf("scenario (%s, %s)", a.Scenario.ID, b.Scenario.ID)}
	}
	var d []string
	compare := func(path string, x, y any) {
		d = append(d, fieldDifferences(path, reflect.ValueOf(x), reflect.ValueOf(y))...)
	}
	compare("target", a.Target.Name, b.Target.Name)
	compare("encryption", a.Spec.Encryption, b.Spec.Encryption)
	other := b.Spec.Service
	if other.Host != a.Spec.Service.Host {
		other.SNI, other.SubjectAltNames = a.Spec.Service.SNI, a.Spec.Service.SubjectAltNames // they follow from the host
	}
	compare("service", a.Spec.Service, other)
	compare("mesh", a.Spec.Mesh, b.Spec.Mesh)
	for _, section := range a.Scenario.Uses {
		switch section {
		case "egress":
			compare(section, a.Spec.Egress, b.Spec.Egress)
		case "expose":
			compare(section, a.Spec.Expose, b.Spec.Expose)
		case "redirect":
			compare(section, a.Spec.Redirect, b.Spec.Redirect)
		case "credentials":
			if a.Scenario.egress || !a.Target.Has(mesh.DRWorkloadSelector) {
				compare(section, a.Spec.Credentials, b.Spec.Credentials)
			} else {
				compare(section+".ca", a.Spec.Credentials.CA, b.Spec.Credentials.CA)
			}
		}
	}
	return d
}

// fieldDifferences names the fields in which two values of one type differ, with both values where they are short.
func fieldDifferences(path string, x, y reflect.Value) []string {
	if reflect.DeepEqual(x.Interface(), y.Interface()) {
		return nil
	}
	switch x.Kind() {
	case reflect.Struct:
		var d []string
		for i := range x.NumField() {
			d = append(d, fieldDifferences(path+"."+x.Type().Field(i).Tag.Get("json"), x.Field(i), y.Field(i))...)
		}
		return d
	case reflect.String, reflect.Int:
		return []string{fmt.Sprintf("%s (%v, %v)", path, x, y)}
	default:
		return []string{path}
	}
}
