package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh313 = validate.Rule{
	ID: "MSH313", Name: "http-on-443-breaks-tls", Category: validate.Protocol, Severity: validate.Error,
	Title:   "one host's port is declared HTTP, and TLS to every other host on that port breaks",
	Of:      []traffic.Cause{traffic.HTTPExpected},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := b.Last()
		dialled := b.Hops[0].Destination
		if h.Proxy != traffic.Sidecar || !b.TLS || p.Target.Has(mesh.SniffOutbound) || !strings.HasPrefix(h.Listener, "0.0.0.0_") {
			return false
		}
		if e, at, ok := declared(p, dialled.Host, dialled.Port); ok && isHTTP(e.Spec.Ports[atIndex(at)].Protocol) {
			return false // it is the host's own port: MSH206
		}
		place, who := httpOn(p, clientOf(&b.Hops[0]), dialled.Port, "")
		if who == "" {
			return false
		}
		if place.Object.Kind == "Service" {
			place = p.At(p.Object(traffic.Decision{Kind: "Service", Namespace: place.Object.Namespace, Name: place.Object.Name}), place.Field+".name")
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("port %d of %s is HTTP, so sidecars of this version take all of port %d for HTTP, whatever host is called: also the TLS to %s", dialled.Port, who, dialled.Port, dialled.Host),
			Consequence: "the sidecar answers the ClientHello in plaintext: WRONG_VERSION_NUMBER, for all clients that see it",
			Fix:         fmt.Sprintf("call port %d of %s https or tls; or export it only to namespaces that need it", dialled.Port, who),
		})
	},
	Check: func(p *validate.Pass) {
		if p.Target.Has(mesh.SniffOutbound) {
			return
		}
		for _, e := range p.Objects.ServiceEntries {
			for i, one := range e.Spec.Ports {
				if one.Number != 443 || !isHTTP(one.Protocol) || !p.Index.Member(e.ID.Namespace) || !seenByClients(p, e) {
					continue
				}
				p.Report(validate.Finding{
					Severity:    validate.Warning,
					Place:       p.At(e.Object, fmt.Sprintf("spec.ports[%d].protocol", i)),
					Message:     fmt.Sprintf("port 443 of %s is %s: sidecars of this version then take all of port 443 for HTTP, whatever host is called", e.ID, one.Protocol),
					Consequence: "TLS to any other host on port 443 fails with WRONG_VERSION_NUMBER, for all clients that see the ServiceEntry",
					Fix:         "declare the port as HTTPS; or limit exportTo to the namespace of the gateway that it is for",
				})
			}
		}
	},
}
