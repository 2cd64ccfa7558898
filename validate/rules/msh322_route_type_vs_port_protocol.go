package rules

import "github.com/meshscenario/scenario/validate"

var msh322 = validate.Rule{
	ID: "MSH322", Name: "route-type-vs-port-protocol", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "the routes are of another kind than what the application sends",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH322", bypass(p, b)) },
}
