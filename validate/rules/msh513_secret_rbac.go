package rules

import "github.com/meshscenario/scenario/validate"

var msh513 = validate.Rule{
	ID: "MSH513", Name: "secret-rbac", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a sidecar may not read the Secret that it is to use",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH513", credentialMiss(p, b)) },
}
