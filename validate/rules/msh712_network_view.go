package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh712 = validate.Rule{
	ID: "MSH712", Name: "network-view", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "the egress gateway does not look at the peer's network",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			network := "network-" + one.ID.Name
			for _, way := range wayGateways(p, one) {
				view := way.RequestedNetworkView
				if way.in || len(view) == 0 || slices.Contains(view, network) {
					continue
				}
				field := way.field + ".requestedNetworkView"
				f := validate.Finding{
					Place:       p.At(way.plane.object, field),
					Message:     fmt.Sprintf("gateway %s of %s looks at %s, and istiod gives the services of %s the network %s", way.name, planeID(way.plane), listOf(view), one.ID, network),
					Consequence: "the gateway is given no endpoint of the peer: 503 (UH) for every imported service",
					Fix:         "add " + network,
					Related:     []validate.Place{p.At(one.Object, "metadata.name")},
					Edits:       set(p, way.plane.object, fmt.Sprintf("%s[%d]", field, len(view)), network), Safe: true,
				}
				if slices.Contains(view, one.ID.Name+"-network") {
					f.Severity = validate.Warning // as the product's documentation writes it, whose code of 2.1 to 2.5 does otherwise
				}
				p.Report(f)
			}
		}
	},
}
