package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh214 = validate.Rule{
	ID: "MSH214", Name: "plaintext-into-tls-server", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "plaintext comes to a gateway's server that takes TLS",
	Of:    []traffic.Cause{traffic.TLSExpected, traffic.NoFilterChain},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, at := b.Last()
		h, n := bare(b)
		if h == nil || last.Proxy != traffic.Gateway {
			return false
		}
		c, host := clusterOf(h), bareHost(h.Destination.Authority)
		place := validate.Place{}
		fix := fmt.Sprintf("write a DestinationRule for %s with tls {mode: ISTIO_MUTUAL, sni: %s} for port %d", c.host, host, c.port)
		if route, ok := validate.Decided(h, "VirtualService"); ok {
			place = p.Of(route)
		}
		if rule, ok := validate.Decided(h, "DestinationRule"); ok {
			place = p.Of(rule)
			where := rule.String()
			if c.subset != "" {
				where = fmt.Sprintf("subset %s of %s", c.subset, rule)
			}
			fix = fmt.Sprintf("set tls {mode: ISTIO_MUTUAL, sni: %s} for port %d in %s", host, c.port, where)
		}
		server, field := serverFor(p, last)
		mode, related := "TLS", []validate.Place{}
		var edits []validate.Edit
		if server.Object != nil {
			s := placed{of: server, field: field, Server: server.Spec.Servers[atIndex(field)]}
			mode, related = s.GetTls().GetMode().String(), append(related, p.At(server.Object, field))
			if place.Object.Kind == "" {
				place = related[0]
			}
			switch s.GetTls().GetMode() {
			case networking.ServerTLSSettings_PASSTHROUGH:
				fix = fmt.Sprintf("have the application make the TLS, and route it by tls; or set mode ISTIO_MUTUAL at that server of %s, and %s", server.ID, fix)
			case networking.ServerTLSSettings_ISTIO_MUTUAL:
				edits = mutualSender(p, h, last, s, host)
			default: // its certificate is not the mesh's
				fix = fmt.Sprintf("set tls.mode ISTIO_MUTUAL at that server of %s, if it is for the mesh alone, and %s", server.ID, fix)
				edits = mutualHop(p, b.Path, at-1)
			}
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s sends plaintext to %s, and the gateway's server there takes %s", by(h), h.Destination, mode),
			Consequence: refusedPlaintext(b),
			Fix:         fix,
			Related:     related,
			Edits:       edits,
		})
	},
}
