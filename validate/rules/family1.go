package rules

import "github.com/meshscenario/scenario/validate"

// schemaRules are family 1: schema and version.
var schemaRules = []*validate.Rule{
	&msh101,
	&msh102,
	&msh103,
	&msh104,
	&msh105,
	&msh106,
	&msh107,
	&msh108,
	&msh109,
	&msh110,
	&msh111,
	&msh112,
	&msh113,
	&msh114,
	&msh115,
	&msh116,
	&msh117,
	&msh118,
	&msh119,
	&msh120,
	&msh121,
	&msh122,
	&msh123,
	&msh124,
	&msh125,
	&msh126,
	&msh127,
	&msh128,
}
