package rules

import "github.com/meshscenario/scenario/validate"

var msh520 = validate.Rule{
	ID: "MSH520", Name: "client-and-server-ca-in-one-secret", Category: validate.CA, Severity: validate.Error,
	Title: "the CA of the client's own certificate stands where the server's belongs",
	Check: meetingFaults("MSH520"),
}
