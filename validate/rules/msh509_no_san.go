package rules

import "github.com/meshscenario/scenario/validate"

var msh509 = validate.Rule{
	ID: "MSH509", Name: "no-san", Category: validate.SAN, Severity: validate.Error,
	Title: "a server's certificate is not for the name by which clients call it",
	Check: func(p *validate.Pass) {
		materialFaults("MSH509")(p)
		meetingFaults("MSH509")(p)
	},
}
