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
		edits, how := leftAlone(p, h)
		return p.Broken(b, n, validate.Finding{
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("gateway %s makes TLS to %s around the application's own, which it does not take off", h.Workload, h.Destination),
			Consequence: "the server takes one layer of TLS off and finds another: the call fails with a TLS error such as WRONG_VERSION_NUMBER, or a reset",
			Fix: fmt.Sprintf("%s and leave the TLS to the application; or have it call http://%s, and let the gateway terminate what comes and lead it on by http routes",
				how, h.Destination.Host),
			Edits:   edits,
			Related: related(p, h, "Gateway", "VirtualService"),
		})
	},
}
