package rules

import "github.com/meshscenario/scenario/validate"

var msh419 = validate.Rule{
	ID: "MSH419", Name: "subset-problem", Category: validate.Dangling, Severity: validate.Error,
	Title:   "the proxy knows no such subset",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH419", destinationMiss(p, b)) },
}
