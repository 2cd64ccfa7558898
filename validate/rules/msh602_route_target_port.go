package rules

import "github.com/meshscenario/scenario/validate"

var msh602 = validate.Rule{
	ID: "MSH602", Name: "route-target-port", Category: validate.Dangling, Severity: validate.Error,
	Title:   "a Route leads to a Service or port that is not there",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH602", routerMiss(p, b)) },
}
