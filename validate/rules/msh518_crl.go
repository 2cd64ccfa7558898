package rules

import "github.com/meshscenario/scenario/validate"

var msh518 = validate.Rule{
	ID: "MSH518", Name: "crl", Category: validate.CA, Severity: validate.Warning,
	Title: "a certificate revocation list is not read, or refuses everybody",
	Check: func(p *validate.Pass) {
		materialFaults("MSH518")(p)
		meetingFaults("MSH518")(p)
	},
}
