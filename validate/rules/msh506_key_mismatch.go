package rules

import "github.com/meshscenario/scenario/validate"

var msh506 = validate.Rule{
	ID: "MSH506", Name: "key-mismatch", Category: validate.CA, Severity: validate.Error, Anywhere: true,
	Title: "a private key is not that of the certificate",
	Check: materialFaults("MSH506"),
}
