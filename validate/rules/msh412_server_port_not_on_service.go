package rules

import "github.com/meshscenario/scenario/validate"

var msh412 = validate.Rule{
	ID: "MSH412", Name: "server-port-not-on-service", Category: validate.Dangling, Severity: validate.Error,
	Title:   "no Gateway opens the port that the request goes to",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH412", gatewayMiss(p, b)) },
}
