package rules

import "github.com/meshscenario/scenario/validate"

var msh225 = validate.Rule{
	ID: "MSH225", Name: "client-ca-mismatch", Category: validate.CA, Severity: validate.Error,
	Title: "the server does not trust the CA of the client's certificate",
	Check: meetingFaults("MSH225"),
}
