package rules

import "github.com/meshscenario/scenario/validate"

var msh119 = validate.Rule{
	ID: "MSH119", Name: "mesh-vs-star", Category: validate.Schema, Severity: validate.Error,
	Title: "a VirtualService of sidecars for every host",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH119") },
}
