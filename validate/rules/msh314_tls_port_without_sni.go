package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh314 = validate.Rule{
	ID: "MSH314", Name: "tls-port-without-sni", Category: validate.SNI, Severity: validate.Error,
	Title:   "a port is told from others by SNI, and the client sends none, or another",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH314", unregistered(p, b)) },
}
