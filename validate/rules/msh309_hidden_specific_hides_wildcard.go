package rules

import (
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh309 = validate.Rule{
	ID: "MSH309", Name: "hidden-specific-hides-wildcard", Category: validate.Scope, Severity: validate.Error,
	Title:   "a rule that the client does not see keeps a wildcard rule from it that it sees",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		if h == nil || planned(p, h) != nil {
			return false
		}
		k := hiddenWildcard(p, h)
		if k == nil || len(settings(k.wide)) == 0 {
			return false
		}
		f := k.finding(p, h)
		f.Consequence = refusedPlaintext(b)
		return p.Broken(b, n, f)
	},
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			for i := range path.Hops {
				h := &path.Hops[i]
				if k := hiddenWildcard(p, h); path.Outcome.Code == traffic.Arrives && k != nil {
					f := k.finding(p, h)
					f.Severity = validate.Warning
					f.Consequence = "neither rule counts: the proxy sends as if there were no rule"
					p.Report(validate.Shown(path, i+1, f))
				}
			}
		}
	},
}
