package rules

import "github.com/meshscenario/scenario/validate"

// schemaRules are family 1: schema and version.
var schemaRules = []*validate.Rule{
	&msh103,
}
