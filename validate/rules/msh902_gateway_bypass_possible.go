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
		for _, path := range p.Paths {
			host := path.Hops[0].Destination.Host
			other, planned := by[host]
			h, n := lastProxy(path.Hops)
			straight := path.Outcome.Code == traffic.Arrives || path.Outcome.Code == traffic.Passthrough
			if planned && other.Hops[0].Workload == path.Hops[0].Workload {
				continue // MSH425 tells of a client that goes both ways
			}
			if !planned || !straight || h == nil || h.Proxy != traffic.Sidecar || n != 2 || len(path.Hops) != 2 || path.Request.Guess && !sure(p, path, other) {
				continue
			}
			d, ok := validate.Decided(&other.Hops[1], "VirtualService")
			if !ok {
				continue
			}
			client := path.Hops[0].Workload
			p.Report(validate.Shown(path, n, validate.Finding{
				Place:       p.At(p.Object(d), "spec.exportTo"),
				Message:     fmt.Sprintf("%s leads %s from %s to the egress gateway, but what %s sends there (%s) goes straight out", d, host, other.Hops[0].Workload, client, path.Request.To),
				Consequence: "the gateway's rules, its certificate and its log do not apply to that client, and a firewall that lets only the gateway out drops it",
				Fix:         fmt.Sprintf("have a VirtualService lead %s to the gateway too (exportTo, match.port, the kind of routes); or hide the host's ServiceEntry from it", client),
				Related:     related(p, h, "ServiceEntry"),
			}))
		}
	},
}

// sure tells whether a request that nobody is known to make differs from one that goes by the gateway in nothing but the
// client: then the client would go the other way too.
func sure(p *validate.Pass, path, other traffic.Path) bool {
	pod, ok := p.Index.Pod(path.Hops[0].Workload)
	return ok && !pod.Assumed && path.Request.To == other.Request.To && path.Hops[0].Workload != other.Hops[0].Workload
}
