package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh220 = validate.Rule{
	ID: "MSH220", Name: "alias-host-not-rewritten", Category: validate.SAN, Severity: validate.Warning,
	Title: "the service outside gets another Host than its own",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if path.Outcome.Code != traffic.Arrives {
				continue
			}
			h, n := lastProxy(path.Hops)
			if h == nil || h.Destination.Authority == "" || h.Destination.Address != h.Destination.Host {
				continue
			}
			host := bareHost(h.Destination.Authority)
			entry, ok := validate.Decided(h, "ServiceEntry")
			route, last := validate.Decided(h, "VirtualService")
			routed := last
			if !last {
				route, routed = firstDecision(path.Hops, "VirtualService")
			}
			if h.Wire.Layers > 0 && h.Wire.SNI == host {
				continue // MSH218
			}
			if !ok || !routed || covers(h.Destination.Host, host) || serves(p, entry, host) {
				continue
			}
			f := validate.Finding{
				Place:       p.Of(route),
				Message:     fmt.Sprintf("%s gets the Host %s, by which the client called", h.Destination, h.Destination.Authority),
				Consequence: "a server that tells its sites apart by name answers 404 or 421, or shows another site's certificate",
				Fix:         fmt.Sprintf("set rewrite.authority: %s in the route of %s", h.Destination.Host, route),
				Related:     []validate.Place{p.Of(entry)},
			}
			if field, ok := onlyDestination(p, route); ok && last && !wildcard(h.Destination.Host) {
				f.Safe = true
				f.Edits = []validate.Edit{{Object: f.Object, Field: field + ".rewrite.authority", Value: h.Destination.Host}}
			}
			p.Report(validate.Shown(path, n, f))
		}
	},
}
