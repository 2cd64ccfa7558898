package rules

import "github.com/meshscenario/scenario/validate"

var msh306 = validate.Rule{
	ID: "MSH306", Name: "vs-not-exported", Category: validate.Scope, Severity: validate.Error,
	Title:   "a VirtualService of a gateway is not exported to where the gateway runs",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH306", gatewayMiss(p, b)) },
}
