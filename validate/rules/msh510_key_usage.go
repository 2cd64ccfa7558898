package rules

import "github.com/meshscenario/scenario/validate"

var msh510 = validate.Rule{
	ID: "MSH510", Name: "key-usage", Category: validate.CA, Severity: validate.Error,
	Title: "a certificate may not be used on the side of TLS where it is",
	Check: func(p *validate.Pass) {
		materialFaults("MSH510")(p)
		meetingFaults("MSH510")(p)
	},
}
