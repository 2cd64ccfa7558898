package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh324 = validate.Rule{
	ID: "MSH324", Name: "sidecar-listener-lockout", Category: validate.Scope, Severity: validate.Error,
	Title: "a Sidecar imports the host for other ports than the one that is called",
	Of:    []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		return report(p, b, "MSH324", doubted(b, unregistered(p, b)))
	},
}
