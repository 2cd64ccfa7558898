package rules

import "github.com/meshscenario/scenario/validate"

var msh327 = validate.Rule{
	ID: "MSH327", Name: "ambient-exportto", Category: validate.Scope, Severity: validate.Warning,
	Title:   "exportTo of a ServiceEntry does not keep ambient clients from the host",
	Missing: "no target is ambient, and package traffic follows no ztunnel",
}
