package rules

import "github.com/meshscenario/scenario/validate"

var msh128 = validate.Rule{
	ID: "MSH128", Name: "schema-error", Category: validate.Schema, Severity: validate.Error, Anywhere: true,
	Title: "a value that the API refuses",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH128") },
}
