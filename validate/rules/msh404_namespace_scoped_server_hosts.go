package rules

import "github.com/meshscenario/scenario/validate"

var msh404 = validate.Rule{
	ID: "MSH404", Name: "namespace-scoped-server-hosts", Category: validate.Scope, Severity: validate.Error,
	Title:   "the server takes the host of other namespaces only",
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH404", gatewayMiss(p, b)) },
}
