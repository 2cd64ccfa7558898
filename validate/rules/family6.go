package rules

import "github.com/meshscenario/scenario/validate"

// openshiftRules are family 6: OpenShift and its Service Mesh 2.
var openshiftRules = []*validate.Rule{
	&msh601,
	&msh602,
	&msh603,
	&msh607,
	&msh610,
	&msh616,
	&msh617,
}
