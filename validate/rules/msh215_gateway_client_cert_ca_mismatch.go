package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh215 = validate.Rule{
	ID: "MSH215", Name: "gateway-client-cert-ca-mismatch", Category: validate.CA, Severity: validate.Error,
	Title: "the two sides of the TLS at a gateway trust different CAs",
	Of:    []traffic.Cause{traffic.UntrustedServer, traffic.UntrustedClient},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, at := b.Last()
		h, n := b.Sender()
		place := validate.Place{}
		var edits []validate.Edit
		if h.Proxy == traffic.Sidecar && h.Wire.Mode != traffic.Own {
			edits = mutualHop(p, b.Path, at-1)
		}
		if rule, ok := validate.Decided(h, "DestinationRule"); ok {
			place = p.Of(rule)
		} else if server, ok := validate.Decided(last, "Gateway"); ok {
			place = p.Of(server)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s and gateway %s cannot agree on TLS: %s", byAny(h), last.Workload, after(b.Outcome.Reason, "cannot agree on TLS: ")),
			Consequence: "the handshake fails: 503 UF, TLS error CERTIFICATE_VERIFY_FAILED or unknown CA",
			Fix:         "set tls.mode ISTIO_MUTUAL at the gateway's server and in the sender's DestinationRule, where both are in the mesh; SIMPLE or MUTUAL only where both hold certificates of one CA",
			Related:     related(p, last, "Gateway"),
			Edits:       edits,
		})
	},
}
