package rules

import "github.com/meshscenario/scenario/validate"

var msh423 = validate.Rule{
	ID: "MSH423", Name: "destination-port-ambiguous", Category: validate.Dangling, Severity: validate.Error,
	Title:   "a destination without a port, and the one that was called is not there",
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH423", destinationMiss(p, b)) },
}
