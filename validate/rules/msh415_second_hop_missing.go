package rules

import "github.com/meshscenario/scenario/validate"

var msh415 = validate.Rule{
	ID: "MSH415", Name: "second-hop-missing", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "the gateway has no route for what comes to it",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH415", gatewayMiss(p, b)) },
}
