package rules

import "github.com/meshscenario/scenario/validate"

var msh416 = validate.Rule{
	ID: "MSH416", Name: "first-hop-missing", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "the gateway is ready, and nothing leads the client to it",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH416", bypass(p, b)) },
}
