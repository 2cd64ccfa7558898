package model

import "github.com/meshscenario/scenario/conformance/istiod/judge"

// Normal is a path with what the model must say too and nothing else: package traffic has the same of its own, for the
// cases that are recorded for it.
func Normal(p judge.Path) judge.Path {
	out := judge.Path{Request: p.Request, Outcome: judge.Outcome{Code: p.Outcome.Code}, Share: p.Share}
	for _, h := range p.Hops {
		n := judge.Hop{Proxy: h.Proxy, Workload: h.Workload, Cluster: h.Cluster, Destination: h.Destination, Wire: h.Wire, Verify: h.Verify, Mirrors: h.Mirrors}
		n.Destination.Address = name(h.Destination.Address)
		n.Wire.ALPN = nil
		if inbound(h.Cluster) {
			n.Cluster, n.Destination = "", judge.Destination{}
		}
		n.Verify.Server.Names = sorted(h.Verify.Server.Names)
		if t := h.Terminates; t != nil {
			n.Terminates = &judge.Termination{Credential: t.Credential, Required: t.Required, ClientNames: sorted(t.ClientNames)}
		}
		out.Hops = append(out.Hops, n)
	}
	for _, way := range p.Else {
		out.Else = append(out.Else, Normal(way))
	}
	return out
}
