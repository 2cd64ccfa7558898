package rules

import "github.com/meshscenario/scenario/validate"

var msh501 = validate.Rule{
	ID: "MSH501", Name: "secret-missing", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a certificate's Secret is not there",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH501", credentialMiss(p, b)) },
}
