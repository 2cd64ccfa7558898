package rules

import (
	"github.com/meshscenario/scenario/validate"
)

var msh103 = validate.Rule{
	ID: "MSH103", Name: "wildcard-host-with-dns", Category: validate.WildcardDNS, Severity: validate.Error,
	Title:   "a wildcard is to be resolved by DNS",
	Check:   func(p *validate.Pass) { reportRefused(p, "MSH103") },
	Of:      destinationCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH103", destinationMiss(p, b)) },
}
