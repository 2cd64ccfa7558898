package rules

import "github.com/meshscenario/scenario/validate"

var msh127 = validate.Rule{
	ID: "MSH127", Name: "tls-mode-omitted", Category: validate.Schema, Severity: validate.Error,
	Title: "tls without a mode, which is not what it looks like",
	Check: func(p *validate.Pass) { reportMended(p, "MSH127", modeOf) },
}
