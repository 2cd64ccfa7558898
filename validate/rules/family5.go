package rules

import "github.com/meshscenario/scenario/validate"

// secretRules are family 5: certificates and Secrets.
var secretRules = []*validate.Rule{
	&msh501,
	&msh502,
	&msh503,
	&msh504,
	&msh513,
	&msh517,
}
