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
		var edits []validate.Edit
		if tls, ok := blockOf(p, rule); ok {
			edits = cleared(p, tls.of.Object, rule.Field)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("%s asks for the mesh's mutual TLS to %s, and %s has no sidecar to take it", rule, h.Destination, last.Workload),
			Consequence: "the application gets a ClientHello that it does not understand: 503 UF or UC",
			Fix:         fmt.Sprintf("take tls out of %s, so that the mesh sends plaintext where there is no sidecar; or give %s one", rule, last.Workload),
			Edits:       edits,
		})
	},
}
