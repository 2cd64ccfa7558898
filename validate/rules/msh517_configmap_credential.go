package rules

import "github.com/meshscenario/scenario/validate"

var msh517 = validate.Rule{
	ID: "MSH517", Name: "configmap-credential", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a credential of a kind that istiod does not serve",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH517", credentialMiss(p, b)) },
}
