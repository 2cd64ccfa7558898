package rules

import "github.com/meshscenario/scenario/validate"

var msh120 = validate.Rule{
	ID: "MSH120", Name: "exportto-invalid", Category: validate.Schema, Severity: validate.Error,
	Title: "an exportTo that contradicts itself, or reaches nobody",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH120") },
}
