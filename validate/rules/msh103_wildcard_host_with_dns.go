package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh103 = validate.Rule{
	ID: "MSH103", Name: "wildcard-host-with-dns", Category: validate.WildcardDNS, Severity: validate.Error,
	Title: "a wildcard is to be resolved by DNS, or what is unfit for it by DYNAMIC_DNS",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH103") },
	// What becomes of requests to it is that mistake.
	Of:      []traffic.Cause{traffic.NothingToResolve, traffic.UnfitForDynamic},
	Explain: func(*validate.Pass, *validate.Break) bool { return true },
}
