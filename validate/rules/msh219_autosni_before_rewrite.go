package rules

import "github.com/meshscenario/scenario/validate"

var msh219 = validate.Rule{
	ID: "MSH219", Name: "autosni-before-rewrite", Category: validate.SNI, Severity: validate.Error,
	Title:   "the SNI is the Host from before the route rewrote it",
	Missing: "none of the targets does so: it is Istio 1.21 to 1.23",
}
