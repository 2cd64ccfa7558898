package rules

import "github.com/meshscenario/scenario/validate"

var msh113 = validate.Rule{
	ID: "MSH113", Name: "server-istio-mutual-with-material", Category: validate.Schema, Severity: validate.Error,
	Title: "a certificate at a server that takes the mesh's mutual TLS",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH113") },
}
