package rules

import "github.com/meshscenario/scenario/validate"

var msh515 = validate.Rule{
	ID: "MSH515", Name: "weak-key", Category: validate.CA, Severity: validate.Warning, Anywhere: true,
	Title: "a key or signature is too weak for proxies or peers",
	Check: func(p *validate.Pass) {
		materialFaults("MSH515")(p)
		meetingFaults("MSH515")(p)
	},
}
