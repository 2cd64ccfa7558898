package rules

import "github.com/meshscenario/scenario/validate"

var msh315 = validate.Rule{
	ID: "MSH315", Name: "resolution-none-via-gateway", Category: validate.Other, Severity: validate.Error,
	Title:   "resolution NONE behind a gateway",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH315", destinationMiss(p, b)) },
}
