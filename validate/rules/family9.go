package rules

import "github.com/meshscenario/scenario/validate"

// policyRules are family 9: policy and security.
var policyRules = []*validate.Rule{
	&msh903,
}
