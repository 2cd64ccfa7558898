package rules

import "github.com/meshscenario/scenario/validate"

var msh610 = validate.Rule{
	ID: "MSH610", Name: "route-to-strict-service", Category: validate.GatewayTLS, Severity: validate.Error,
	Title:   "a Route leads straight to a workload that takes the mesh's mutual TLS only",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH610", routerMiss(p, b)) },
}
