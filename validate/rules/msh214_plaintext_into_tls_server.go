package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh214 = validate.Rule{
	ID: "MSH214", Name: "plaintext-into-tls-server", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "plaintext comes to a gateway's server that takes TLS",
	Of:    []traffic.Cause{traffic.TLSExpected, traffic.NoFilterChain},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		h, n := bare(b)
		if h == nil || last.Proxy != traffic.Gateway {
			return false
		}
		place := validate.Place{}
		if route, ok := validate.Decided(h, "VirtualService"); ok {
			place = p.Of(route)
		}
		server, at := serverFor(p, last)
		if place.Object.Kind == "" && server.Object != nil {
			place = p.At(server.Object, at)
		}
		mode := "TLS"
		related := []validate.Place{}
		if server.Object != nil {
			mode = server.Spec.Servers[atIndex(at)].GetTls().GetMode().String()
			related = append(related, p.At(server.Object, at))
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s sends plaintext to %s, and the gateway's server there takes %s", by(h), h.Destination, mode),
			Consequence: refusedPlaintext(b),
			Fix:         fmt.Sprintf("set tls.mode ISTIO_MUTUAL, with sni, for port %d in the DestinationRule (or its subset) that the route to %s uses", clusterOf(h).port, clusterOf(h).host),
			Related:     related,
		})
	},
}
