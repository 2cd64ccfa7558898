package rules

import "github.com/meshscenario/scenario/validate"

var msh111 = validate.Rule{
	ID: "MSH111", Name: "skip-verify-contradiction", Category: validate.Schema, Severity: validate.Error,
	Title: "what is to verify the server, and not to verify it",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH111") },
}
