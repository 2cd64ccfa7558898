package rules

import "github.com/meshscenario/scenario/validate"

// gatewayRules are family 4: gateways and routes.
var gatewayRules = []*validate.Rule{
	&msh401,
	&msh402,
	&msh403,
	&msh404,
	&msh405,
	&msh406,
	&msh407,
	&msh408,
	&msh409,
	&msh410,
	&msh411,
	&msh412,
	&msh413,
	&msh414,
	&msh415,
	&msh416,
	&msh417,
	&msh418,
	&msh419,
	&msh420,
	&msh421,
	&msh422,
	&msh423,
	&msh424,
	&msh425,
	&msh426,
	&msh427,
	&msh428,
	&msh429,
	&msh430,
	&msh431,
}
