package rules

import "github.com/meshscenario/scenario/validate"

// policyRules are family 9: policy and security.
var policyRules = []*validate.Rule{
	&msh901,
	&msh902,
	&msh903,
	&msh904,
	&msh905,
	&msh906,
	&msh907,
	&msh908,
	&msh909,
	&msh910,
	&msh911,
	&msh912,
	&msh913,
	&msh914,
	&msh915,
	&msh916,
	&msh917,
	&msh918,
	&msh919,
	&msh920,
	&msh921,
}
