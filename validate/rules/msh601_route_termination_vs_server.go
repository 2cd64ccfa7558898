package rules

import "github.com/meshscenario/scenario/validate"

var msh601 = validate.Rule{
	ID: "MSH601", Name: "route-termination-vs-server", Category: validate.Termination, Severity: validate.Error,
	Title:   "a Route brings to the gateway's server what that does not take",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH601", routerMiss(p, b)) },
}
