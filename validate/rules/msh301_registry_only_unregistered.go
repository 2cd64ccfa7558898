package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh301 = validate.Rule{
	ID: "MSH301", Name: "registry-only-unregistered", Category: validate.NoServiceEntry, Severity: validate.Error,
	Title:   "the outbound policy is REGISTRY_ONLY, and nothing declares the host",
	Of:      []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH301", unregistered(p, b)) },
}
