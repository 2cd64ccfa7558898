package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh902 = validate.Rule{
	ID: "MSH902", Name: "gateway-bypass-possible", Category: validate.Scope, Severity: validate.Warning,
	Title: "some client goes straight out to a host that others reach by the egress gateway",
	Check: func(p *validate.Pass) {
		by := map[string]*traffic.Path{} // a path through a gateway, by host
		for _, path := range p.Paths {
			if egress(path) != nil {
				by[path.Hops[0].Destination.Host] = path
			}
		}
		for _, l := range leaks(p) {
			host := l.path.Hops[0].Destination.Host
			other, ok := by[host]
			if l.byPort || l.nobody || !ok {
				continue // MSH425, MSH416
			}
			d, ok := validate.Decided(&other.Hops[1], "VirtualService")
			if !ok {
				continue
			}
			client := l.path.Hops[0].Workload
			f := validate.Shown(l.path, l.n, validate.Finding{
				Place:       p.At(p.Object(d), "spec.exportTo"),
				Message:     fmt.Sprintf("%s leads %s from %s to the egress gateway, but what %s sends there (%s) goes straight out", d, host, other.Hops[0].Workload, client, l.path.Request.To),
				Consequence: "the gateway's rules, its certificate and its log do not apply to that client, and a firewall that lets only the gateway out drops it",
				Fix:         fmt.Sprintf("export %s to the namespace of %s too, or write one there; or hide the host's ServiceEntry from it", d, client),
				Related:     related(p, l.hop, "ServiceEntry"),
			})
			if namespace, _, _ := strings.Cut(client, "/"); !p.Index.Exported("VirtualService", l.plan.first.Spec.ExportTo, l.plan.first.ID.Namespace, namespace) {
				f.Edits = letIn(p, f.Place, l.plan.first, &other.Hops[1], namespace)
				if len(f.Edits) > 1 {
					f.Fix = fmt.Sprintf("add %s to exportTo of %s, and copy the DestinationRule for the gateway there; or hide the host's ServiceEntry from it", namespace, d)
				} else if len(f.Edits) == 1 {
					f.Fix = fmt.Sprintf("add %s to exportTo of %s; or hide the host's ServiceEntry from it", namespace, d)
				}
			}
			if l.path.Request.Guess || l.limited {
				f.Severity = validate.Info
			}
			p.Report(f)
		}
	},
}

// letIn exports a VirtualService that leads to a gateway to one more namespace, with the settings for the way there: only
// what is beside the gateway or in the root namespace is found from everywhere.
func letIn(p *validate.Pass, at validate.Place, first routesOf, led *traffic.Hop, namespace string) []validate.Edit {
	d, decided := validate.Decided(led, "VirtualService")
	if !decided || d.Namespace != first.ID.Namespace || d.Name != first.ID.Name {
		return nil
	}
	edits := exportEdit(at, first.Spec.ExportTo, namespace)
	rule, ok := validate.Decided(led, "DestinationRule")
	if !ok || edits == nil {
		return edits
	}
	root, _, _ := p.Index.Mesh()
	if name := clusterOf(led).host; rule.Namespace == root || strings.Contains(name, "."+rule.Namespace+".svc.") {
		for _, r := range p.Objects.DestinationRules {
			if r.ID.Namespace == rule.Namespace && r.ID.Name == rule.Name && p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, namespace) {
				return edits
			}
		}
	}
	more := copyFor(p, p.Object(rule), namespace)
	if more == nil {
		return nil
	}
	return append(edits, more...)
}
