package rules

import "github.com/meshscenario/scenario/validate"

var msh114 = validate.Rule{
	ID: "MSH114", Name: "server-tls-block", Category: validate.Schema, Severity: validate.Error,
	Title: "tls at a server that takes none, or none at one that needs it",
	Check: func(p *validate.Pass) { reportMended(p, "MSH114", passedThrough) },
}
