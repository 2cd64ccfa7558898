package rules

import "github.com/meshscenario/scenario/validate"

var msh305 = validate.Rule{
	ID: "MSH305", Name: "se-hidden-from-gateway", Category: validate.Scope, Severity: validate.Error,
	Title:   "the host is declared, but not for the gateway",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH305", destinationMiss(p, b)) },
}
