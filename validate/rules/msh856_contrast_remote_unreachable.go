package rules

import (
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh856 = validate.Rule{
	ID: "MSH856", Name: "contrast-remote-unreachable", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "an egress entry leads where the sidecar cannot go",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(_ contrastPod, f *contrast.Fault) validate.Finding {
			return validate.Finding{Consequence: "each connection to the entry's address is closed at once"}
		}, contrast.RemoteSelf, contrast.RemoteIPv6)
	},
}
