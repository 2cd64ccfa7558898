package rules

import "github.com/meshscenario/scenario/validate"

var msh124 = validate.Rule{
	ID: "MSH124", Name: "empty-traffic-policy", Category: validate.Schema, Severity: validate.Error,
	Title: "a policy that says nothing",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH124") },
}
