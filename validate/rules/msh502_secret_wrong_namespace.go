package rules

import "github.com/meshscenario/scenario/validate"

var msh502 = validate.Rule{
	ID: "MSH502", Name: "secret-wrong-namespace", Category: validate.SecretNamespace, Severity: validate.Error,
	Title:   "a certificate's Secret is in another namespace than the proxy",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH502", credentialMiss(p, b)) },
}
