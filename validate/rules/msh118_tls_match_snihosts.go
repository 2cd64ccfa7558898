package rules

import "github.com/meshscenario/scenario/validate"

var msh118 = validate.Rule{
	ID: "MSH118", Name: "tls-match-snihosts", Category: validate.Schema, Severity: validate.Error,
	Title: "a tls match without sniHosts, or with one that is not the VirtualService's",
	Check: func(p *validate.Pass) { reportRefused(p, "MSH118") },
}
