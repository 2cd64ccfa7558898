package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh205 = validate.Rule{
	ID: "MSH205", Name: "origination-to-plaintext-port", Category: validate.TLSToPlaintext, Severity: validate.Error,
	Title: "the proxy makes TLS to a port that takes plaintext",
	Of:    []traffic.Cause{traffic.TLSToPlaintext},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil {
			return false
		}
		rule, _ := validate.Decided(h, "DestinationRule")
		fix := "send it to the port that takes TLS"
		if entry, ok := validate.Decided(h, "ServiceEntry"); ok {
			fix = fmt.Sprintf("set targetPort: 443 at %s of %s, so that what comes to port 80 is dialled at 443; or lead it to port 443 by the VirtualService, and set tls for that port",
				entry.Field, entry)
			if !p.Target.Has(mesh.SETargetPort) {
				fix = "lead it to port 443 by a VirtualService, and set tls for that port"
			}
		}
		return p.Broken(b, n, validate.Finding{
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("%s makes TLS to %s, and services take plaintext at port %d", by(h), h.Destination, h.Destination.Port),
			Consequence: "the server answers the ClientHello in plaintext: WRONG_VERSION_NUMBER, 503",
			Fix:         fix,
			Related:     related(p, h, "ServiceEntry"),
		})
	},
}
