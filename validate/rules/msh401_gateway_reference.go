package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh401 = validate.Rule{
	ID: "MSH401", Name: "gateway-reference", Category: validate.Dangling, Severity: validate.Error,
	Title: "a VirtualService names a Gateway that is not there, or only in a match",
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.VirtualServices {
			if len(r.Spec.Hosts) == 0 {
				continue // a delegate, whose gateways are those of who names it
			}
			for _, m := range gatewayMatches(r) {
				for i, g := range m.gateways {
					if listed(r, g) || g == "mesh" && leadsToGateway(p, r) {
						continue // of a way to a gateway that sidecars do not take, MSH416 tells
					}
					p.Report(validate.Finding{
						Severity:    validate.Warning,
						Place:       p.At(r.Object, m.field),
						Message:     fmt.Sprintf("a match of %s is for gateway %q, which spec.gateways of the VirtualService does not name", r.ID, m.gateways[i]),
						Consequence: "the match never counts there: a VirtualService is for the gateways of spec.gateways, and for sidecars alone where that is empty",
						Fix:         fmt.Sprintf("add %s to spec.gateways, or take it out of the match", g),
						Related:     []validate.Place{p.At(r.Object, "spec.gateways")},
						Edits:       []validate.Edit{alsoFor(p, r, m.gateways[i])},
					})
				}
			}
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH401", gatewayMiss(p, b)) },
}

// listed tells whether a VirtualService is for a gateway that a match of it names.
func listed(r routesOf, gateway string) bool {
	if gateway == "mesh" {
		return len(r.Spec.Gateways) == 0 || slices.Contains(r.Spec.Gateways, "mesh")
	}
	return slices.ContainsFunc(r.Spec.Gateways, func(own string) bool {
		return own != "mesh" && fullGateway(own, r.ID.Namespace) == fullGateway(gateway, r.ID.Namespace)
	})
}
