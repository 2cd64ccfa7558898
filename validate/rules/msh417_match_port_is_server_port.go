package rules

import "github.com/meshscenario/scenario/validate"

var msh417 = validate.Rule{
	ID: "MSH417", Name: "match-port-is-server-port", Category: validate.NoRoute, Severity: validate.Error,
	Title:   "match.port is not the number of the gateway's server",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH417", gatewayMiss(p, b)) },
}
