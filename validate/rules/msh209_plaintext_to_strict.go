package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh209 = validate.Rule{
	ID: "MSH209", Name: "plaintext-to-strict", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "plaintext comes to a workload that takes the mesh's mutual TLS only",
	Of:    []traffic.Cause{traffic.StrictRefuses},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		h, n := b.Sender()
		place := validate.Place{}
		policy, strict := validate.Decided(last, "PeerAuthentication")
		if strict {
			place = p.Of(policy)
		}
		who := b.Request.From + ", which has no sidecar,"
		fix := "give the client a sidecar; or let a PeerAuthentication make the port PERMISSIVE"
		related := []validate.Place{}
		if h.Proxy != traffic.Application {
			who = by(h)
			if rule, ok := validate.Decided(h, "DestinationRule"); ok {
				related = append(related, place)
				place = p.Of(rule)
				fix = fmt.Sprintf("take tls out of %s, or set its mode to ISTIO_MUTUAL", rule)
			}
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s sends plaintext to %s, which takes the mesh's mutual TLS only", who, last.Workload),
			Consequence: "the connection is reset: 503 UC, upstream connect error or disconnect",
			Fix:         fix,
			Related:     related,
		})
	},
}
