package rules

import "github.com/meshscenario/scenario/validate"

var msh318 = validate.Rule{
	ID: "MSH318", Name: "no-endpoints", Category: validate.Other, Severity: validate.Error,
	Title:   "nobody is behind the service",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH318", destinationMiss(p, b)) },
}
