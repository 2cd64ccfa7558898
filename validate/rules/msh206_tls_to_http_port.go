package rules

import (
	"fmt"
	"strings"

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
		host := b.Hops[0].Destination
		place := httpAt(p, host.Host, host.Port)
		declares := fmt.Sprintf("port %d is declared to take HTTP", host.Port)
		if place.Object.Kind != "" {
			declares = fmt.Sprintf("%s declares that port %d takes HTTP", place.Object, host.Port)
		}
		edits := declaredTLS(p, place, host)
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s, and the application sends TLS to %s there: the sidecar's HTTP filter gets a ClientHello", declares, host.Host),
			Consequence: "the TLS handshake fails: the sidecar answers it in plaintext, WRONG_VERSION_NUMBER",
			Fix:         "declare the port with protocol HTTPS, if applications make the TLS there; or have the application call http:// and let a DestinationRule make it",
			Edits:       edits,
		})
	},
}

// httpAt is who declares that a port takes HTTP: the ServiceEntry of the host, or else, as all hosts without an address
// share one listener, that of another host, or a Service.
func httpAt(p *validate.Pass, host string, port int) validate.Place {
	if entry, at, ok := declared(p, host, port); ok && isHTTP(entry.Spec.Ports[atIndex(at)].Protocol) {
		return p.At(entry.Object, at+".protocol")
	}
	for _, e := range p.Objects.ServiceEntries {
		for i, one := range e.Spec.Ports {
			if int(one.Number) == port && isHTTP(one.Protocol) {
				return p.At(e.Object, fmt.Sprintf("spec.ports[%d].protocol", i))
			}
		}
	}
	for _, s := range p.Objects.Services {
		for i, one := range s.Spec.Spec.Ports {
			prefix, _, _ := strings.Cut(one.Name, "-")
			if int(one.Port) == port && isHTTP(prefix) {
				return p.At(s.Object, fmt.Sprintf("spec.ports[%d].name", i))
			}
		}
	}
	return validate.Place{}
}
