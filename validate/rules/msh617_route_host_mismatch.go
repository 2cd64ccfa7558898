package rules

import "github.com/meshscenario/scenario/validate"

var msh617 = validate.Rule{
	ID: "MSH617", Name: "route-host-mismatch", Category: validate.Dangling, Severity: validate.Error,
	Title:   "the Route's host is not known behind it",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH617", routerMiss(p, b)) },
}
