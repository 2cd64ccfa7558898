package rules

import "github.com/meshscenario/scenario/validate"

var msh424 = validate.Rule{
	ID: "MSH424", Name: "weights", Category: validate.Other, Severity: validate.Warning,
	Title: "of one route a share leaves by TLS and a share in the clear",
	Check: mixedShares,
}
