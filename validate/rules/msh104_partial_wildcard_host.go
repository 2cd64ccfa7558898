package rules

import "github.com/meshscenario/scenario/validate"

var msh104 = validate.Rule{
	ID: "MSH104", Name: "partial-wildcard-host", Category: validate.Schema, Severity: validate.Error,
	Title: "a star that is not the whole of the first label",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH104") },
}
