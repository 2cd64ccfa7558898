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
			v := bypassAt(p, l.hop, l.n, l.tls(), "no rule, policy or log of the gateway's sees the request, and it works only as long as the network lets it out")
			if v.rule != "MSH416" {
				continue
			}
			f := validate.Shown(l.path, l.n, v.finding)
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
