package rules

import "github.com/meshscenario/scenario/validate"

// openshiftRules are family 6: OpenShift and its Service Mesh 2.
var openshiftRules = []*validate.Rule{
	&msh601,
	&msh602,
	&msh603,
	&msh604,
	&msh605,
	&msh606,
	&msh607,
	&msh608,
	&msh609,
	&msh610,
	&msh611,
	&msh612,
	&msh613,
	&msh614,
	&msh615,
	&msh616,
	&msh617,
	&msh618,
	&msh619,
}
