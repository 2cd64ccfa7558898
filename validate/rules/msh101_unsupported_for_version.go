package rules

import "github.com/meshscenario/scenario/validate"

var msh101 = validate.Rule{
	ID: "MSH101", Name: "unsupported-for-version", Category: validate.Schema, Severity: validate.Error, Anywhere: true,
	Title: "the target's version does not know it",
	Check: func(p *validate.Pass) {
		for _, f := range refused(p)["MSH101"] {
			if f.Field == "kind" && removed(p, f.Object.Kind) {
				continue // MSH615 says what has taken its place
			}
			p.Report(f)
		}
	},
}
