package rules

import "github.com/meshscenario/scenario/validate"

// federationRules are family 7: meshes that are joined.
var federationRules = []*validate.Rule{
	&msh701,
	&msh702,
	&msh703,
	&msh704,
	&msh705,
	&msh706,
	&msh707,
	&msh708,
	&msh709,
	&msh710,
	&msh711,
	&msh712,
	&msh713,
	&msh714,
	&msh715,
	&msh716,
	&msh717,
	&msh718,
	&msh719,
	&msh720,
	&msh721,
	&msh722,
	&msh723,
	&msh724,
	&msh725,
	&msh726,
	&msh727,
	&msh728,
	&msh729,
	&msh730,
	&msh731,
}
