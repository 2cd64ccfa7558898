package rules

import (
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh322 = validate.Rule{
	ID: "MSH322", Name: "route-type-vs-port-protocol", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "the routes are of another kind than what the application sends",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH322", bypass(p, b)) },
	// A request that arrives went past the gateway all the same.
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if path.Outcome.Code != traffic.Arrives || len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar {
				continue
			}
			h, dialled := &path.Hops[1], path.Hops[0].Destination
			if _, routed := validate.Decided(h, "VirtualService"); routed || path.Request.Guess && !asksPort(matched(p, dialled.Host, dialled.Port)) {
				continue
			}
			scheme, _, _ := strings.Cut(path.Request.To, "://")
			v := bypassAt(p, h, 2, scheme == "https" || scheme == "tls", "it arrives, unseen by the gateway's policies and logs")
			if v.rule == "MSH322" {
				p.Report(validate.Shown(path, 2, v.finding))
			}
		}
	},
}
