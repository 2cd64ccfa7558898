package rules

import "github.com/meshscenario/scenario/validate"

var msh406 = validate.Rule{
	ID: "MSH406", Name: "passthrough-with-http-routes", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "http routes for a server that passes TLS through",
	Check:   func(p *validate.Pass) { wrongKinds(p, "MSH406") },
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH406", gatewayMiss(p, b)) },
}
