package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh224 = validate.Rule{
	ID: "MSH224", Name: "client-cert-required", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "the other side asks for a client certificate, and none is shown",
	Of:    []traffic.Cause{traffic.ClientCertificate, traffic.NoClientCertificate},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, at := b.Last()
		h, n := b.Sender()
		if b.Outcome.Cause == traffic.NoClientCertificate {
			if h, n = exit(b); h == nil {
				return false
			}
		}
		place := validate.Place{}
		fix := "have the client show a certificate"
		var edits []validate.Edit
		if rule, ok := validate.Decided(h, "DestinationRule"); ok && h.Wire.Mode != traffic.Own {
			place = p.Of(rule)
			fix = fmt.Sprintf("set tls.mode MUTUAL in %s, with a certificate and key (credentialName, or clientCertificate and privateKey)", rule)
			if last.Proxy == traffic.Gateway && last.Terminates != nil && last.Terminates.ClientCA == "mesh" {
				fix = fmt.Sprintf("set tls.mode ISTIO_MUTUAL in %s", rule)
				edits = mutualHop(p, b.Path, at-1)
			}
		} else if server, ok := validate.Decided(last, "Gateway"); ok {
			place = p.Of(server)
			fix += fmt.Sprintf("; or let %s take TLS without one (mode SIMPLE)", server)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s shows no client certificate to %s, which asks for one", byAny(h), h.Destination),
			Consequence: "the server ends the handshake: CERTIFICATE_REQUIRED or a reset, 503 UF",
			Fix:         fix,
			Related:     related(p, last, "Gateway"),
			Edits:       edits,
		})
	},
}
