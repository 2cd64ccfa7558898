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
		place := validate.Place{}
		fix := fmt.Sprintf("write a DestinationRule for %s with trafficPolicy.tls.mode SIMPLE, or MUTUAL where it asks for a client certificate", h.Destination.Host)
		for _, kind := range []string{"VirtualService", "DestinationRule", "ServiceEntry"} {
			if d, ok := validate.Decided(h, kind); ok {
				place = p.Of(d)
				if object := p.Object(d); kind == "VirtualService" && object.Has(d.Field+".port.number") {
					place = p.At(object, d.Field+".port.number")
				}
				if kind == "DestinationRule" {
					fix = fmt.Sprintf("set tls.mode in %s for port %d of %s to SIMPLE, or to MUTUAL where it asks for a client certificate", d, h.Destination.Port, h.Destination.Host)
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
		})
	},
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
