package rules

import "github.com/meshscenario/scenario/validate"

var msh112 = validate.Rule{
	ID: "MSH112", Name: "istio-mutual-ignores-material", Category: validate.Schema, Severity: validate.Warning,
	Title: "a certificate beside the mesh's own mutual TLS, which does not use it",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH112") },
}
