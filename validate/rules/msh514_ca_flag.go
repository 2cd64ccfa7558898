package rules

import "github.com/meshscenario/scenario/validate"

var msh514 = validate.Rule{
	ID: "MSH514", Name: "ca-flag", Category: validate.CA, Severity: validate.Error, Anywhere: true,
	Title: "a certificate is taken for a CA and is none, or the other way round",
	Check: func(p *validate.Pass) {
		materialFaults("MSH514")(p)
		meetingFaults("MSH514")(p)
	},
}
