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
	&msh309,
	&msh310,
	&msh311,
	&msh312,
	&msh313,
	&msh314,
	&msh315,
	&msh316,
	&msh317,
	&msh318,
	&msh319,
	&msh320,
	&msh321,
	&msh322,
	&msh323,
	&msh324,
	&msh325,
	&msh326,
	&msh327,
	&msh328,
	&msh329,
	&msh330,
}
