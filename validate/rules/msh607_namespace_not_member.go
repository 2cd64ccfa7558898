package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh607 = validate.Rule{
	ID: "MSH607", Name: "namespace-not-member", Category: validate.Scope, Severity: validate.Error,
	Title:   "the namespace is no member of the mesh",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH607", unregistered(p, b)) },
}
