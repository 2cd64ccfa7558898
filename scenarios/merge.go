package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/meshscenario/scenario/mesh"
)

// A claim is a name that a plan takes for itself: one host in one place can be configured once.
type claim struct {
	kind, owner string // such as "namespace", "shop"
	host        string
	// mergeable tells whether a later plan wants the very same, so that one set of objects serves both.
	mergeable func(other *Plan) bool
}

// merge joins plans that want the same for several clients, and refuses those that fight over a host.
//
// Istio keeps one ServiceEntry for a host and namespace and one owner of a DestinationRule, whichever is older
// (istio/istio pilot/pkg/model/push_context.go), so a second definition would be ignored in part, silently.
func merge(plans []*Plan) ([]*Plan, error) {
	type key struct{ kind, owner, host string }
	first := map[key]*Plan{}
	names := map[string]*Plan{}
	var merged []*Plan
	var errs []error
	for _, p := range plans {
		claims := p.Scenario.claims(p)
		var into *Plan
		conflict := false
		for _, c := range claims {
			owner := first[key{c.kind, c.owner, c.host}]
			if owner == nil || owner == into {
				continue
			}
			if into == nil && c.mergeable != nil && c.mergeable(owner) && !owner.serves(p) {
				into = owner
				continue
			}
			errs = append(errs, &Problem{
				At: p.draft.Place("spec.service.host"), Path: "spec.service.host",
				Text: fmt.Sprintf("%s in %s %s is already configured by the definition %s at %s%s", c.host, c.kind, c.owner, owner.Metadata.Name, owner.draft.At, difference(owner, p)),
				Hint: "one host can be configured once in a place: make the two definitions agree in everything but the client, or give one of them another host or namespace",
			})
			conflict = true
			break
		}
		if conflict {
			continue
		}
		if into != nil {
			into.Clients = append(into.Clients, p.Clients...)
		} else {
			merged = append(merged, p)
			if other := names[p.Scenario.ID+" "+p.Metadata.Name]; other != nil {
				errs = append(errs, &Problem{
					At: p.draft.Place("metadata.name"), Path: "metadata.name",
					Text: fmt.Sprintf("%s is already the name of the definition at %s, and names the same objects", p.Metadata.Name, other.draft.At),
					Hint: "give one of them another metadata.name",
				})
			}
			names[p.Scenario.ID+" "+p.Metadata.Name] = p
			into = p
		}
		for _, c := range claims {
			first[key{c.kind, c.owner, c.host}] = into
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return merged, nil
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

// sameButClient tells whether two plans agree in everything but the client, so that one set of objects can serve both.
// Credentials of sidecars belong to the client where a DestinationRule can be limited to it.
func (p *Plan) sameButClient(other *Plan) bool {
	return len(differences(other, p)) == 0
}

// difference tells people in what two plans differ.
func difference(a, b *Plan) string {
	if a.Scenario.ID == b.Scenario.ID && a.serves(b) && len(differences(a, b)) == 0 {
		return ", for the same client"
	}
	if d := differences(a, b); len(d) > 0 {
		return fmt.Sprintf("; they differ in %s", oneOf(d))
	}
	return ""
}

func differences(a, b *Plan) []string {
	var d []string
	add := func(name string, x, y any) {
		if !reflect.DeepEqual(x, y) {
			d = append(d, name)
		}
	}
	add("scenario", a.Scenario.ID, b.Scenario.ID)
	add("target", a.Target.Name, b.Target.Name)
	add("encryption", a.Spec.Encryption, b.Spec.Encryption)
	add("service", a.Spec.Service, b.Spec.Service)
	add("mesh", a.Spec.Mesh, b.Spec.Mesh)
	if a.Scenario.ID == egressGatewayID {
		add("egress", a.Spec.Egress, b.Spec.Egress)
	}
	perClient := a.Scenario.ID != egressGatewayID && a.Target.Has(mesh.DRWorkloadSelector)
	if !perClient {
		add("credentials", a.Spec.Credentials, b.Spec.Credentials)
	}
	return d
}
