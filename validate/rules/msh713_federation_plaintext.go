package rules

import "github.com/meshscenario/scenario/validate"

var msh713 = validate.Rule{
	ID: "MSH713", Name: "federation-plaintext-or-direct", Category: validate.Peer, Severity: validate.Error,
	Title:   "federation is asked for without encryption, or past its gateways",
	Missing: "no manifest can ask for it: federation has no field for either. scenario render refuses 2a and 2b without mutual TLS, and says what comes nearest",
}
