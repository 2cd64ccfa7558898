package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
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
		object := p.Object(traffic.Decision{Kind: place.Object.Kind, Namespace: place.Object.Namespace, Name: place.Object.Name})
		fix := fmt.Sprintf("set protocol HTTPS for port %d of %s; or export it only to namespaces that need it", dialled.Port, who)
		edits := []validate.Edit{{Object: place.Object, Field: place.Field + ".protocol", Value: "HTTPS"}}
		if place.Object.Kind == "Service" {
			fix = fmt.Sprintf("set appProtocol: https for port %d of %s, or call it https or tls; or export it only to namespaces that need it", dialled.Port, who)
			edits[0].Field, edits[0].Value = place.Field+".appProtocol", "https"
			place = p.At(object, place.Field+".name")
		}
		if senders, _ := plainAt(p, object, dialled.Port); len(senders) > 0 {
			edits = nil
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("port %d of %s is HTTP, so sidecars of this version take all of port %d for HTTP, whatever host is called: also the TLS to %s", dialled.Port, who, dialled.Port, dialled.Host),
			Consequence: "the sidecar answers the ClientHello in plaintext: WRONG_VERSION_NUMBER, for all clients that see it",
			Fix:         fix,
			Edits:       edits,
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
				at := p.At(e.Object, fmt.Sprintf("spec.ports[%d].protocol", i))
				fix := "declare the port as HTTPS; or limit exportTo to the namespace of the gateway that it is for"
				var edits []validate.Edit
				if senders, gateway := plainAt(p, e.Object, 443); len(senders) == 0 {
					edits = []validate.Edit{{Object: at.Object, Field: at.Field, Value: "HTTPS"}}
				} else if gateway && len(senders) == 1 && len(e.Spec.Ports) == 1 {
					fix = fmt.Sprintf("set exportTo: [%s], where the gateway is that it is for", senders[0])
					edits = []validate.Edit{{Object: at.Object, Field: "spec.exportTo", Value: list(senders)}}
				}
				p.Report(validate.Finding{
					Severity:    validate.Warning,
					Place:       at,
					Message:     fmt.Sprintf("port 443 of %s is %s: sidecars of this version then take all of port 443 for HTTP, whatever host is called", e.ID, one.Protocol),
					Consequence: "TLS to any other host on port 443 fails with WRONG_VERSION_NUMBER, for all clients that see the ServiceEntry",
					Fix:         fix,
					Edits:       edits,
				})
			}
		}
	},
}

// plainAt are the namespaces of proxies that send plain HTTP to a port of an object on purpose, as far as requests of the
// files show it, and whether all of them are gateways: to declare the port HTTPS would break that.
func plainAt(p *validate.Pass, o *bundle.Object, port int) (namespaces []string, gateways bool) {
	gateways = true
	for _, path := range p.Paths {
		for i := range path.Hops {
			h := &path.Hops[i]
			d, ok := validate.Decided(h, o.Kind)
			if !ok || d.Namespace != o.Namespace || d.Name != o.Name || clusterOf(h).port != port || path.Request.Guess && h.Proxy != traffic.Gateway ||
				!isHTTP(protocolOf(path.Request.To)) {
				continue
			}
			gateways = gateways && h.Proxy == traffic.Gateway
			if n := clientOf(h); !slices.Contains(namespaces, n) {
				namespaces = append(namespaces, n)
			}
		}
	}
	return namespaces, gateways
}
