package rules

import "github.com/meshscenario/scenario/validate"

var msh101 = validate.Rule{
	ID: "MSH101", Name: "unsupported-for-version", Category: validate.Schema, Severity: validate.Error,
	Title: "the target's version does not know it",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH101") },
}
