package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh210 = validate.Rule{
	ID: "MSH210", Name: "istio-mutual-to-non-mesh-workload", Category: validate.MeshTLSOutside, Severity: validate.Error,
	Title: "the mesh's mutual TLS goes to a workload without a sidecar",
	Of:    []traffic.Cause{traffic.MeshTLSNoSidecar},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
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
			Message:     fmt.Sprintf("%s asks for the mesh's mutual TLS to %s, and %s has no sidecar to take it", rule, h.Destination, last.Workload),
			Consequence: "the application gets a ClientHello that it does not understand: 503 UF or UC",
			Fix:         fmt.Sprintf("take ISTIO_MUTUAL out of %s, so that automatic mutual TLS sends plaintext where there is no sidecar; or set mode DISABLE; or give %s a sidecar", rule, last.Workload),
		})
	},
}
