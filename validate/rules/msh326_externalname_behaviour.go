package rules

import "github.com/meshscenario/scenario/validate"

var msh326 = validate.Rule{
	ID: "MSH326", Name: "externalname-behaviour", Category: validate.Dangling, Severity: validate.Error,
	Title:   "a route to a Service that is only another name",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH326", destinationMiss(p, b)) },
}
