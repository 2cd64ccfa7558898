package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh302 = validate.Rule{
	ID: "MSH302", Name: "allow-any-masks-missing-registration", Category: validate.NoServiceEntry, Severity: validate.Warning,
	Title:   "the request leaves by the open policy, and rules for its host do not count",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH302", unregistered(p, b)) },
}
