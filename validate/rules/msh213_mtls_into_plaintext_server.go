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
		last, at := b.Last()
		if last.Proxy != traffic.Gateway {
			return false
		}
		h, n := b.Sender()
		server, field := serverFor(p, last)
		if server.Object == nil {
			return false
		}
		place := p.At(server.Object, field)
		fix := fmt.Sprintf("set protocol HTTPS and tls.mode ISTIO_MUTUAL at that server of %s", server.ID)
		related := []validate.Place{}
		what := "the application's own TLS"
		var edits []validate.Edit
		if h.Proxy == traffic.Sidecar && h.Wire.Mode != traffic.Own {
			fix += fmt.Sprintf(", and send it sni: %s", hostBehind(b.Hops[:at-1]))
			if edits = mutualHop(p, b.Path, at-1); len(edits) == 0 {
				fix, edits = offTowards(p, h)+"; or "+fix, towards(p, h, map[string]any{"mode": "DISABLE"})
			} else {
				fix += "; or " + offTowards(p, h)
			}
		}
		if rule, ok := validate.Decided(h, "DestinationRule"); ok && h.Wire.Mode != traffic.Own {
			related = append(related, place)
			place = p.Of(rule)
			what = "TLS (" + h.Wire.Mode + ")"
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s comes to listener %s of gateway %s, whose server takes plain HTTP", what, last.Listener, last.Workload),
			Consequence: "the gateway's HTTP filter gets a ClientHello: 400, or a reset and 503",
			Fix:         fix,
			Related:     related,
			Edits:       edits,
		})
	},
}

// offTowards says how a sidecar is kept from making TLS to what it calls.
func offTowards(p *validate.Pass, h *traffic.Hop) string {
	c := clusterOf(h)
	if rule, ok := validate.Decided(h, "DestinationRule"); ok && !wildcardRule(p, rule) {
		return fmt.Sprintf("set tls.mode DISABLE in %s for port %d", rule, c.port)
	}
	return fmt.Sprintf("write a DestinationRule for exactly %s with tls.mode DISABLE for port %d", c.host, c.port)
}
