package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// recalled are the edits by which a client calls with another scheme, where its environment holds the URL.
func recalled(p *validate.Pass, r traffic.Request, from, to string) []validate.Edit {
	t, ok := templateOf(p, r.From)
	_, rest, _ := strings.Cut(r.To, "://")
	authority, _, _ := strings.Cut(rest, "/")
	if !ok || r.Guess {
		return nil
	}
	var edits []validate.Edit
	for _, v := range environment(p, t) {
		before, after, found := strings.Cut(v.value, from+authority)
		if !found || after != "" && !strings.ContainsAny(after[:1], "/?, ") {
			continue
		}
		e := validate.Edit{Object: p.At(v.object, "").Object, Field: v.field, Value: before + to + authority + after}
		if !slices.ContainsFunc(edits, func(o validate.Edit) bool { return o.Object == e.Object && o.Field == e.Field }) {
			edits = append(edits, e)
		}
	}
	return edits
}

// withSidecar are the edits by which a workload of the files gets a sidecar, where nothing forbids it one. A Job would not
// come to its end beside a sidecar of most versions.
func withSidecar(p *validate.Pass, workload string) []validate.Edit {
	const inject = "sidecar.istio.io/inject"
	for _, t := range podTemplates(p) {
		namespace, kind := namespaceOf(t.object), "labels"
		if namespace+"/"+t.object.Name != workload || strings.HasSuffix(t.object.Kind, "Job") || t.spec.HostNetwork || !p.Index.Member(namespace) {
			continue
		}
		if !p.Target.Has(mesh.PodInjectionLabel) {
			kind = "annotations"
		}
		if t.labels[inject] == "" && t.annotations[inject] == "" {
			return []validate.Edit{{Object: p.At(t.object, "").Object, Field: t.field(fmt.Sprintf("metadata.%s[%q]", kind, inject)), Value: "true"}}
		}
	}
	return nil
}

// declaredTLS are the edits by which a port takes the TLS of applications, where it is the host's own and nobody is seen to
// send it plaintext.
func declaredTLS(p *validate.Pass, at validate.Place, to traffic.Destination) []validate.Edit {
	entry, field, ok := declared(p, to.Host, to.Port)
	if !ok || at.Object != p.At(entry.Object, "").Object || at.Field != field+".protocol" || takesPlaintext(p, to) {
		return nil
	}
	return []validate.Edit{{Object: at.Object, Field: at.Field, Value: "HTTPS"}}
}

// declaredTCP are the edits by which a port takes any bytes, where no other host is told apart by them.
func declaredTCP(p *validate.Pass, entry entryOf, at validate.Place) []validate.Edit {
	number := entry.Spec.Ports[atIndex(at.Field)].Number
	for _, other := range p.Objects.ServiceEntries {
		for _, port := range other.Spec.Ports {
			if port.Number == number && (other.Object != entry.Object || len(entry.Spec.Hosts) > 1) && len(entry.Spec.Addresses) == 0 {
				return nil
			}
		}
	}
	return []validate.Edit{{Object: at.Object, Field: at.Field, Value: "TCP"}}
}

// takesPlaintext tells whether an application is known to send plaintext to a host and port, and arrives.
func takesPlaintext(p *validate.Pass, to traffic.Destination) bool {
	type key struct{}
	return validate.Once(p, key{}, func() map[traffic.Destination]bool {
		all := map[traffic.Destination]bool{}
		for _, path := range p.Paths {
			dialled := path.Hops[0].Destination
			if path.Outcome.Code == traffic.Arrives && !path.Request.Guess && path.Hops[0].Wire.Layers == 0 {
				all[traffic.Destination{Host: dialled.Host, Port: dialled.Port}] = true
			}
		}
		return all
	})[traffic.Destination{Host: to.Host, Port: to.Port}]
}
