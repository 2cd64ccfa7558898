package rules

import "github.com/meshscenario/scenario/validate"

var msh603 = validate.Rule{
	ID: "MSH603", Name: "passthrough-needs-sni", Category: validate.Termination, Severity: validate.Error,
	Title:   "a Route passes TLS through by an SNI that clients do not send",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH603", routerMiss(p, b)) },
}
