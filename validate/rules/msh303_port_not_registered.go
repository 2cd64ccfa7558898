package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh303 = validate.Rule{
	ID: "MSH303", Name: "port-not-registered", Category: validate.NoServiceEntry, Severity: validate.Error,
	Title:   "the host is declared, but not the port or the protocol that the application uses",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH303", unregistered(p, b)) },
}
