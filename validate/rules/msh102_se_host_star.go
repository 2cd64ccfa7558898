package rules

import "github.com/meshscenario/scenario/validate"

var msh102 = validate.Rule{
	ID: "MSH102", Name: "se-host-star", Category: validate.Schema, Severity: validate.Error,
	Title: "a ServiceEntry for every host, or for none",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH102") },
}
