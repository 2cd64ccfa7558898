package rules

import "github.com/meshscenario/scenario/validate"

// secretRules are family 5: certificates and Secrets.
var secretRules = []*validate.Rule{
	&msh501,
	&msh502,
	&msh503,
	&msh504,
	&msh505,
	&msh506,
	&msh507,
	&msh508,
	&msh509,
	&msh510,
	&msh511,
	&msh512,
	&msh513,
	&msh514,
	&msh515,
	&msh516,
	&msh517,
	&msh518,
	&msh519,
	&msh520,
}
