package rules

import "github.com/meshscenario/scenario/validate"

var msh123 = validate.Rule{
	ID: "MSH123", Name: "authority-set-twice", Category: validate.Schema, Severity: validate.Error,
	Title: "the Host set in two ways",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH123") },
}
