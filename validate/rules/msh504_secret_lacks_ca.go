package rules

import "github.com/meshscenario/scenario/validate"

var msh504 = validate.Rule{
	ID: "MSH504", Name: "secret-lacks-ca", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a Secret lacks a key that the TLS needs",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH504", credentialMiss(p, b)) },
}
