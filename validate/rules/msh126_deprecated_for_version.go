package rules

import "github.com/meshscenario/scenario/validate"

var msh126 = validate.Rule{
	ID: "MSH126", Name: "deprecated-for-version", Category: validate.Schema, Severity: validate.Info, Anywhere: true,
	Title: "there is a newer way to say it",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH126") },
}
