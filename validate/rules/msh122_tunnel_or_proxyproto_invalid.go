package rules

import "github.com/meshscenario/scenario/validate"

var msh122 = validate.Rule{
	ID: "MSH122", Name: "tunnel-or-proxyproto-invalid", Category: validate.Schema, Severity: validate.Error,
	Title: "a tunnel or PROXY protocol that is not complete",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH122") },
}
