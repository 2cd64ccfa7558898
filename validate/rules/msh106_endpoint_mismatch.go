package rules

import "github.com/meshscenario/scenario/validate"

var msh106 = validate.Rule{
	ID: "MSH106", Name: "endpoint-mismatch", Category: validate.Schema, Severity: validate.Error,
	Title: "endpoints that do not go with the resolution",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH106") },
}
