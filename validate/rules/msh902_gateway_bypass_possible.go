package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh902 = validate.Rule{
	ID: "MSH902", Name: "gateway-bypass-possible", Category: validate.Scope, Severity: validate.Warning,
	Title: "some client goes straight out to a host that others reach by the egress gateway",
	Check: func(p *validate.Pass) {
		by := map[string]traffic.Path{} // a path through a gateway, by host
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
			if l.path.Request.Guess || l.limited {
				f.Severity = validate.Info
			}
			p.Report(f)
		}
	},
}
