package rules

import "github.com/meshscenario/scenario/validate"

var msh121 = validate.Rule{
	ID: "MSH121", Name: "sidecar-egress-invalid", Category: validate.Schema, Severity: validate.Error,
	Title: "a Sidecar that Istio refuses, or that another contradicts",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH121") },
}
