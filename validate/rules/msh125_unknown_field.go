package rules

import "github.com/meshscenario/scenario/validate"

var msh125 = validate.Rule{
	ID: "MSH125", Name: "unknown-field", Category: validate.Schema, Severity: validate.Error, Anywhere: true,
	Title: "a field that the API does not know",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH125") },
}
