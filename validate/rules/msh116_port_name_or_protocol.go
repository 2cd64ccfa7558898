package rules

import "github.com/meshscenario/scenario/validate"

var msh116 = validate.Rule{
	ID: "MSH116", Name: "port-name-or-protocol", Category: validate.Schema, Severity: validate.Error,
	Title: "a port's name or protocol that is not allowed",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH116") },
}
