package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh206 = validate.Rule{
	ID: "MSH206", Name: "tls-to-http-port", Category: validate.Protocol, Severity: validate.Error,
	Title: "the application sends TLS to a port that is declared to be HTTP",
	Of:    []traffic.Cause{traffic.HTTPExpected, traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.Unregistered {
			return report(p, b, "MSH206", unregistered(p, b))
		}
		h, n := b.Last()
		if h.Proxy != traffic.Sidecar || !b.TLS {
			return false
		}
		place := validate.Place{}
		host := b.Hops[0].Destination
		if entry, at, ok := declared(p, host.Host, host.Port); ok {
			place = p.At(entry.Object, at+".protocol")
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("port %d is declared to take HTTP, and the application sends TLS to %s there: the sidecar's HTTP filter gets a ClientHello", host.Port, host.Host),
			Consequence: "the TLS handshake fails: the sidecar answers it in plaintext, WRONG_VERSION_NUMBER",
			Fix:         "declare the port with protocol HTTPS or TLS, where applications make the TLS; or have the application call http:// and let a DestinationRule make it",
		})
	},
}
