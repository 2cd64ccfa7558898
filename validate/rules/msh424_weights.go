package rules

import "github.com/meshscenario/scenario/validate"

var msh424 = validate.Rule{
	ID: "MSH424", Name: "weights", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "every destination has weight 0",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH424", destinationMiss(p, b)) },
}
