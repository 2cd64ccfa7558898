package rules

import "github.com/meshscenario/scenario/validate"

var msh109 = validate.Rule{
	ID: "MSH109", Name: "mutual-without-material", Category: validate.Schema, Severity: validate.Error,
	Title: "mutual TLS without a certificate and key",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH109") },
}
