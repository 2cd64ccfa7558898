package rules

import "github.com/meshscenario/scenario/validate"

var msh117 = validate.Rule{
	ID: "MSH117", Name: "gateway-name-or-host", Category: validate.Schema, Severity: validate.Error,
	Title: "a name or host that a Gateway cannot have",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH117") },
}
