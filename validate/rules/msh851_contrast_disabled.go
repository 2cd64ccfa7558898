package rules

import (
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh851 = validate.Rule{
	ID: "MSH851", Name: "contrast-disabled", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "the ingress of a pod is DISABLED, which releases of Contrast before 1.13 do not take",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(c contrastPod, f *contrast.Fault) validate.Finding {
			severity := validate.Warning
			if !f.Stricter {
				severity = validate.Error
			}
			return validate.Finding{
				Severity:    severity,
				Consequence: "sidecars before release 1.13 take it for an entry of one part, and stop before they are ready; later ones leave all ports of the pod in the clear",
				Fix:         `leave it empty where nothing is to reach the pod: then every port asks for a certificate of the mesh; keep it where the releases in use know it, and the ports are to be open`,
				Edits:       c.rewritten(p, f.Field, ""),
			}
		}, contrast.SaysDisabled)
	},
}
