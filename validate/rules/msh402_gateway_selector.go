package rules

import "github.com/meshscenario/scenario/validate"

var msh402 = validate.Rule{
	ID: "MSH402", Name: "gateway-selector", Category: validate.Dangling, Severity: validate.Error,
	Title:   "a Gateway selects pods that are not there",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH402", gatewayMiss(p, b)) },
}
