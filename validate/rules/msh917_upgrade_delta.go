package rules

import "github.com/meshscenario/scenario/validate"

var msh917 = validate.Rule{
	ID: "MSH917", Name: "upgrade-delta", Category: validate.Other, Severity: validate.Info,
	Title:   "another version of the mesh would do something else with a request",
	Missing: "one run knows one target: run validate with each of the two, and compare",
}
