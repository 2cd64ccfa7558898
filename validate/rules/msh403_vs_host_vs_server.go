package rules

import "github.com/meshscenario/scenario/validate"

var msh403 = validate.Rule{
	ID: "MSH403", Name: "vs-host-vs-server", Category: validate.Dangling, Severity: validate.Error,
	Title:   "no server of the gateway takes the host",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH403", gatewayMiss(p, b)) },
}
