package rules

import "github.com/meshscenario/scenario/validate"

var msh416 = validate.Rule{
	ID: "MSH416", Name: "first-hop-missing", Category: validate.NoRoute, Severity: validate.Error,
	Title: "the gateway is ready, and nothing leads the client to it",
	Check: func(p *validate.Pass) {
		for _, l := range leaks(p) {
			if l.byPort || !l.nobody {
				continue // MSH425, MSH902
			}
			f := validate.Shown(l.path, l.n, l.why.finding)
			f.Severity = validate.Warning
			if l.path.Request.Guess {
				f.Severity = validate.Info
			}
			p.Report(f)
		}
	},
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH416", bypass(p, b)) },
}
