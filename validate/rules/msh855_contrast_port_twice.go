package rules

import (
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh855 = validate.Rule{
	ID: "MSH855", Name: "contrast-port-twice", Category: validate.Duplicate, Severity: validate.Warning, Anywhere: true,
	Title: "two ingress entries are for one port, and the second has no effect",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(c contrastPod, f *contrast.Fault) validate.Finding {
			return validate.Finding{
				Consequence: "clients must speak what the first entry says, whatever the second does",
				Edits:       c.rewritten(p, f.Field, without(c.source().Value(f.Field).Text, f.Entry)),
			}
		}, contrast.PortTaken)
	},
}
