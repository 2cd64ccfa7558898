package rules

import "github.com/meshscenario/scenario/validate"

var msh408 = validate.Rule{
	ID: "MSH408", Name: "tcp-server-route-kind", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "http or tls routes for a server of protocol TCP",
	Check:   func(p *validate.Pass) { wrongKinds(p, "MSH408") },
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH408", gatewayMiss(p, b)) },
}
