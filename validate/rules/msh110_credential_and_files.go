package rules

import "github.com/meshscenario/scenario/validate"

var msh110 = validate.Rule{
	ID: "MSH110", Name: "credential-and-files", Category: validate.Schema, Severity: validate.Error,
	Title: "a Secret and files for the same TLS",
	Check: func(p *validate.Pass) { reportMended(p, "MSH110", byPlacement) },
}
