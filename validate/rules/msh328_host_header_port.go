package rules

import "github.com/meshscenario/scenario/validate"

var msh328 = validate.Rule{
	ID: "MSH328", Name: "host-header-port", Category: validate.NoRoute, Severity: validate.Warning,
	Title:   "the Host header has a port that the listener does not have",
	Missing: "the files do not tell what Host header an application sends besides its URL's",
}
