package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh204 = validate.Rule{
	ID: "MSH204", Name: "plaintext-to-tls-port", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title: "plaintext leaves for a port that takes TLS",
	Of:    []traffic.Cause{traffic.PlaintextToTLS, traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.Unregistered {
			return report(p, b, "MSH204", unregistered(p, b))
		}
		h, n := exit(b)
		if h == nil {
			return false
		}
		c, place := clusterOf(h), validate.Place{}
		edits := plaintextMended(p, h)
		fix := fmt.Sprintf("write a DestinationRule for %s with tls.mode SIMPLE for port %d, or MUTUAL where it asks for a client certificate", c.host, c.port)
		for _, kind := range []string{"VirtualService", "DestinationRule", "ServiceEntry"} {
			if d, ok := validate.Decided(h, kind); ok {
				place = p.Of(d)
				if object := p.Object(d); kind == "VirtualService" && object.Has(d.Field+".port.number") {
					place = p.At(object, d.Field+".port.number")
				}
				if kind == "DestinationRule" && !wildcardRule(p, d) {
					fix = fmt.Sprintf("set tls.mode SIMPLE in %s for port %d, or MUTUAL where %s asks for a client certificate", d, c.port, c.host)
				}
				break
			}
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("%s sends plaintext to %s, which takes TLS", by(h), h.Destination),
			Consequence: "the server refuses it: 400 \"plain HTTP request was sent to HTTPS port\", or a reset and 503",
			Fix:         fix,
			Related:     related(p, h, "ServiceEntry"),
			Edits:       edits,
		})
	},
}

// plaintextMended are the edits by which a hop makes TLS, for the port that it calls alone. There are none where it also
// passes on the TLS of applications to that port.
func plaintextMended(p *validate.Pass, h *traffic.Hop) []validate.Edit {
	c := clusterOf(h)
	tls := simpleTLS(p, c.host)
	if tls == nil || passesTLS(p, h) {
		return nil
	}
	if rule, ok := ruleBehind(p, h); ok && !wildcard(rule.Spec.Host) {
		return tlsFor(p, rule, c, tls)
	}
	return freshRule(p, h, onPort(c.port, tls))
}

// by names the proxy of a hop.
func by(h *traffic.Hop) string {
	if h.Proxy == traffic.Gateway {
		return "gateway " + h.Workload
	}
	if namespace, some := strings.CutSuffix(h.Workload, "/*"); some {
		return "the sidecar of any workload in namespace " + namespace
	}
	return "the sidecar of " + h.Workload
}
