package rules

import (
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh853 = validate.Rule{
	ID: "MSH853", Name: "contrast-port-range", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a number that is no port becomes another one",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(c contrastPod, f *contrast.Fault) validate.Finding {
			return validate.Finding{Consequence: c.starts(f, "the sidecar starts, and does for another port what was meant for this one")}
		}, contrast.PortRange)
	},
}
