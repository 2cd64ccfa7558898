package rules

import "github.com/meshscenario/scenario/validate"

var msh616 = validate.Rule{
	ID: "MSH616", Name: "edge-redirect-loop", Category: validate.Termination, Severity: validate.Error,
	Title:   "the Route takes the TLS off, and the gateway redirects to https",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH616", routerMiss(p, b)) },
}
