package rules

import "github.com/meshscenario/scenario/validate"

var msh108 = validate.Rule{
	ID: "MSH108", Name: "duplicate-port", Category: validate.Schema, Severity: validate.Error,
	Title: "a port number or name twice",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH108") },
}
