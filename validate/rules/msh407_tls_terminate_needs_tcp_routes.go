package rules

import "github.com/meshscenario/scenario/validate"

var msh407 = validate.Rule{
	ID: "MSH407", Name: "tls-terminate-needs-tcp-routes", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "http or tls routes for a server of protocol TLS that terminates",
	Check:   func(p *validate.Pass) { wrongKinds(p, "MSH407") },
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH407", gatewayMiss(p, b)) },
}
