package rules

import "github.com/meshscenario/scenario/validate"

var msh316 = validate.Rule{
	ID: "MSH316", Name: "wildcard-through-gateway", Category: validate.WildcardDNS, Severity: validate.Error,
	Title:   "a wildcard behind a gateway, with nothing to resolve",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH316", destinationMiss(p, b)) },
}
