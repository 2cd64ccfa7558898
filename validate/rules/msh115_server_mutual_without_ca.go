package rules

import "github.com/meshscenario/scenario/validate"

var msh115 = validate.Rule{
	ID: "MSH115", Name: "server-mutual-without-ca", Category: validate.Schema, Severity: validate.Error,
	Title: "a server that asks for client certificates, without a CA to verify them by",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH115") },
}
