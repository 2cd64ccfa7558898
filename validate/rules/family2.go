package rules

import "github.com/meshscenario/scenario/validate"

// tlsRules are family 2: what TLS is on the path.
var tlsRules = []*validate.Rule{
	&msh201,
	&msh202,
	&msh203,
	&msh204,
	&msh205,
	&msh206,
	&msh207,
	&msh208,
	&msh209,
	&msh210,
	&msh213,
	&msh214,
	&msh215,
	&msh216,
	&msh220,
	&msh221,
	&msh222,
	&msh224,
	&msh225,
	&msh226,
	&msh227,
	&msh228,
	&msh229,
	&msh230,
}
