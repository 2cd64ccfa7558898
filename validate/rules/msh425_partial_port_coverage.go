package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh425 = validate.Rule{
	ID: "MSH425", Name: "partial-port-coverage", Category: validate.NoRoute, Severity: validate.Warning,
	Title: "one port of a host goes through the egress gateway, another past it",
	Check: func(p *validate.Pass) {
		for _, l := range leaks(p) {
			if !l.byPort {
				continue
			}
			c, first := clusterOf(l.hop), l.plan.first
			kind := "http"
			if l.tls() {
				kind = "tls"
			} else if strings.HasPrefix(l.path.Request.To, "tcp:") {
				kind = "tcp"
			}
			f := validate.Shown(l.path, l.n, validate.Finding{
				Place:       p.At(first.Object, "spec.hosts"),
				Message:     fmt.Sprintf("%s leads %s to the gateway, but has no rule that fits %s: that goes straight out", first.ID, c.host, l.path.Request.To),
				Consequence: fmt.Sprintf("requests for port %d pass the gateway by, with its policies and logs, and work only as long as the network lets them out", c.port),
				Fix:         fmt.Sprintf("write spec.%s rules of both hops for port %d, and a server for it in %s; or take the port out of the ServiceEntry", kind, c.port, l.plan.gateway.ID),
			})
			f.Edits = l.led(p, kind)
			if e, field, ok := declared(p, c.host, c.port); ok {
				f.Related = []validate.Place{p.At(e.Object, field)}
			}
			if l.path.Request.Guess || l.limited {
				f.Severity = validate.Info
			}
			p.Report(f)
		}
	},
}

// tls tells whether the application itself speaks TLS.
func (l leak) tls() bool {
	return strings.HasPrefix(l.path.Request.To, "https:") || strings.HasPrefix(l.path.Request.To, "tls:")
}
