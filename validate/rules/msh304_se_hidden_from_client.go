package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh304 = validate.Rule{
	ID: "MSH304", Name: "se-hidden-from-client", Category: validate.Scope, Severity: validate.Error,
	Title: "the host is declared, but not for the client",
	Of:    []traffic.Cause{traffic.Unregistered, traffic.UnknownService},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		return report(p, b, "MSH304", doubted(b, hidden(p, b)))
	},
}
