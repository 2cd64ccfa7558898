package rules

import "github.com/meshscenario/scenario/validate"

// outboundRules are family 3: registry, scope and outbound policy.
var outboundRules = []*validate.Rule{
	&msh301,
	&msh302,
	&msh303,
	&msh304,
	&msh305,
	&msh306,
	&msh307,
	&msh308,
	&msh311,
	&msh314,
	&msh315,
	&msh316,
	&msh318,
	&msh321,
	&msh322,
	&msh326,
}
