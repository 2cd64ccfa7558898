package rules

import "github.com/meshscenario/scenario/validate"

var msh427 = validate.Rule{
	ID: "MSH427", Name: "destination-cluster-absent", Category: validate.Dangling, Severity: validate.Error,
	Title:   "the route leads to a service or port that the proxy does not know",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH427", destinationMiss(p, b)) },
}
