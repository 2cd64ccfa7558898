package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh213 = validate.Rule{
	ID: "MSH213", Name: "mtls-into-plaintext-server", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "TLS comes to a gateway's server that takes plaintext",
	Of:    []traffic.Cause{traffic.HTTPExpected},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		if last.Proxy != traffic.Gateway {
			return false
		}
		h, n := b.Sender()
		server, at := serverFor(p, last)
		if server.Object == nil {
			return false
		}
		place := p.At(server.Object, at)
		fix := fmt.Sprintf("set protocol HTTPS and tls.mode ISTIO_MUTUAL at that server of %s", server.ID)
		related := []validate.Place{}
		what := "the application's own TLS"
		if rule, ok := validate.Decided(h, "DestinationRule"); ok && h.Wire.Mode != traffic.Own {
			related = append(related, place)
			place = p.Of(rule)
			what = "TLS (" + h.Wire.Mode + ")"
			fix += fmt.Sprintf("; or set mode DISABLE in %s for that port", rule)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s comes to listener %s of gateway %s, whose server takes plain HTTP", what, last.Listener, last.Workload),
			Consequence: "the gateway's HTTP filter gets a ClientHello: 400, or a reset and 503",
			Fix:         fix,
			Related:     related,
		})
	},
}
