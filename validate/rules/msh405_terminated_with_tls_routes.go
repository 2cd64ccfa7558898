package rules

import "github.com/meshscenario/scenario/validate"

var msh405 = validate.Rule{
	ID: "MSH405", Name: "terminated-with-tls-routes", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "tls routes for a server that takes the TLS off",
	Check:   func(p *validate.Pass) { wrongKinds(p, "MSH405") },
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH405", gatewayMiss(p, b)) },
}
