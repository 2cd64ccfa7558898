package rules

import "github.com/meshscenario/scenario/validate"

var msh401 = validate.Rule{
	ID: "MSH401", Name: "gateway-reference", Category: validate.Dangling, Severity: validate.Error,
	Title:   "a VirtualService names a Gateway that is not there",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH401", gatewayMiss(p, b)) },
}
