package rules

import (
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh811 = validate.Rule{
	ID: "MSH811", Name: "contrast-syntax", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the sidecar of Contrast cannot read its configuration",
	Check: func(p *validate.Pass) {
		contrastFaults(p, func(c contrastPod, f *contrast.Fault) validate.Finding {
			return validate.Finding{Consequence: c.starts(f, "what the entry is for cannot be reached")}
		}, contrast.EntrySyntax, contrast.NameSyntax, contrast.PortSyntax, contrast.TLSSyntax, contrast.ListenSyntax, contrast.ListenOutside, contrast.RemoteSyntax)
	},
}
