package rules

import (
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh609 = validate.Rule{
	ID: "MSH609", Name: "smcp-mtls-automtls", Category: validate.Other, Severity: validate.Warning,
	Title: "automatic mutual TLS is off, and little or nothing is in its place",
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.DestinationRules {
			if strings.HasPrefix(r.Spec.Host, "*") && strings.HasSuffix(r.Spec.Host, "local") && r.Spec.TrafficPolicy.GetTls().GetMode() == networking.ClientTLSSettings_ISTIO_MUTUAL {
				return
			}
		}
		for _, c := range planes(p) {
			d := c.Spec.Security.DataPlane
			if d.AutoMTLS == nil || *d.AutoMTLS {
				continue
			}
			f := validate.Finding{
				Place:       p.At(c.object, "spec.security.dataPlane.automtls"),
				Message:     fmt.Sprintf("%s sets automtls: false and no mtls: true", c.object.ID),
				Consequence: "sidecars send plaintext to one another, but for hosts whose DestinationRule has ISTIO_MUTUAL",
				Fix:         "take automtls out, or set it to true",
				Edits:       []validate.Edit{{Object: p.At(c.object, "").Object, Field: "spec.security.dataPlane.automtls", Value: true}},
			}
			if d.MTLS != nil && *d.MTLS {
				f.Severity = validate.Info
				f.Message = fmt.Sprintf("%s sets automtls: false: all mutual TLS hangs on the rule for %s that the operator makes of mtls: true", c.object.ID, p.Target.MeshWideMTLSHost())
				f.Consequence = "any DestinationRule for a host of the mesh takes that rule's place: one without tls sends plaintext, which the other side refuses"
			}
			p.Report(f)
		}
	},
}
