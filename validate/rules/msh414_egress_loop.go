package rules

import "github.com/meshscenario/scenario/validate"

var msh414 = validate.Rule{
	ID: "MSH414", Name: "egress-loop", Category: validate.Other, Severity: validate.Error,
	Title:   "the route leads back to the gateway",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH414", destinationMiss(p, b)) },
}
