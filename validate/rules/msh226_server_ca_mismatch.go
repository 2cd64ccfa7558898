package rules

import "github.com/meshscenario/scenario/validate"

var msh226 = validate.Rule{
	ID: "MSH226", Name: "server-ca-mismatch", Category: validate.CA, Severity: validate.Error,
	Title: "the proxy does not trust the CA of the server's certificate",
	Check: meetingFaults("MSH226"),
}
