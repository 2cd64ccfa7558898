package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh728 = validate.Rule{
	ID: "MSH728", Name: "remote-endpoint-plaintext", Category: validate.PlaintextToTLS, Severity: validate.Error, Border: true,
	Title: "an endpoint stands for another mesh's gateway, and proxies send it plaintext",
	Check: func(p *validate.Pass) {
		const label = "security.istio.io/tlsMode"
		for _, e := range p.Objects.ServiceEntries {
			for _, i := range remoteEndpoints(e) {
				at := e.Spec.Endpoints[i]
				if at.Labels[label] == "istio" || slices.ContainsFunc(p.Objects.DestinationRules, func(d traffic.Of[*networking.DestinationRule]) bool {
					return d.Spec.GetTrafficPolicy().GetTls().GetMode() == networking.ClientTLSSettings_ISTIO_MUTUAL &&
						slices.ContainsFunc(e.Spec.Hosts, func(h string) bool { return takes(d.Spec.Host, h) })
				}) {
					continue
				}
				field := fmt.Sprintf("spec.endpoints[%d]", i)
				p.Report(validate.Finding{
					Place:       p.At(e.Object, field),
					Message:     fmt.Sprintf("%s sends to the gateway at %s, and does not say that it takes the mesh's TLS", e.ID, at.Address),
					Consequence: "automatic mutual TLS takes the endpoint for one without a sidecar: plaintext comes to a port that chooses by SNI, and the connection is reset",
					Fix:         "label the endpoint " + label + ": istio",
					Edits:       set(p, e.Object, fmt.Sprintf("%s.labels[%q]", field, label), "istio"), Safe: true,
				})
			}
		}
	},
}
