package rules

import "github.com/meshscenario/scenario/validate"

var msh227 = validate.Rule{
	ID: "MSH227", Name: "san-mismatch", Category: validate.SAN, Severity: validate.Error,
	Title: "the server's certificate is not for a name that is asked for",
	Check: meetingFaults("MSH227"),
}
