package rules

import "github.com/meshscenario/scenario/validate"

var msh508 = validate.Rule{
	ID: "MSH508", Name: "chain-incomplete", Category: validate.CA, Severity: validate.Error, Anywhere: true,
	Title: "the chain of a certificate has a gap, or is out of order",
	Check: func(p *validate.Pass) {
		materialFaults("MSH508")(p)
		meetingFaults("MSH508")(p)
	},
}
