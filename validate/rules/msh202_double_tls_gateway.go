package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh202 = validate.Rule{
	ID: "MSH202", Name: "double-tls-through-gateway", Category: validate.DoubleTLS, Severity: validate.Error,
	Title: "the gateway puts TLS around the application's own, which went through it untouched",
	Of:    []traffic.Cause{traffic.DoubleTLS},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil || h.Proxy != traffic.Gateway {
			return false
		}
		rule, _ := validate.Decided(h, "DestinationRule")
		return p.Broken(b, n, validate.Finding{
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("gateway %s makes TLS to %s of bytes that are TLS already: the application's own, which it does not take off", h.Workload, h.Destination),
			Consequence: "the server takes one layer of TLS off and finds another: the call fails with a TLS error such as WRONG_VERSION_NUMBER, or a reset",
			Fix: fmt.Sprintf("let one side make the TLS: take tls out of %s for %s and keep the application's; or have the application send plain HTTP, and the gateway terminate what comes and route it by http",
				rule, h.Destination.Host),
			Related: related(p, h, "Gateway", "VirtualService"),
		})
	},
}
