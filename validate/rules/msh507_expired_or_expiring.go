package rules

import "github.com/meshscenario/scenario/validate"

var msh507 = validate.Rule{
	ID: "MSH507", Name: "expired-or-expiring", Category: validate.Expired, Severity: validate.Error,
	Title: "a certificate is out of date, or soon will be",
	Check: func(p *validate.Pass) {
		materialFaults("MSH507")(p)
		meetingFaults("MSH507")(p)
	},
}
