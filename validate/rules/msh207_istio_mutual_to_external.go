package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh207 = validate.Rule{
	ID: "MSH207", Name: "istio-mutual-to-external", Category: validate.MeshTLSOutside, Severity: validate.Error,
	Title: "the mesh's own mutual TLS goes to a service outside the mesh",
	Of:    []traffic.Cause{traffic.MeshTLSOutside},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil {
			return false
		}
		rule, ok := validate.Decided(h, "DestinationRule")
		if !ok {
			return false
		}
		return p.Broken(b, n, validate.Finding{
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("%s speaks the mesh's mutual TLS to %s, which is outside the mesh and has no certificate of it", by(h), h.Destination),
			Consequence: "the handshake fails, as neither side trusts the other's CA: 503 UF, CERTIFICATE_VERIFY_FAILED",
			Fix:         fmt.Sprintf("set tls.mode in %s to SIMPLE or MUTUAL, or to DISABLE where the application makes the TLS or none is wanted", rule),
			Related:     related(p, h, "ServiceEntry"),
		})
	},
}
