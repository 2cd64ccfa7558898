package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh229 = validate.Rule{
	ID: "MSH229", Name: "tls-in-unselected-subset", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title:   "the rule makes TLS for a subset that the route does not choose",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		if h == nil {
			return false
		}
		m, ok := nearest(p, h, bySubset)
		return ok && p.Broken(b, n, pastTheSubset(p, h, m, refusedPlaintext(b)))
	},
	// What leaves in the clear may well arrive: at a port that takes plaintext.
	Check: func(p *validate.Pass) {
		inTheClear(p, bySubset, func(path *traffic.Path, h *traffic.Hop, n int, m miss) {
			f := pastTheSubset(p, h, m, "it leaves in the clear, and no request of the files gets the subset's TLS")
			f.Severity = validate.Warning
			if path.Request.Guess {
				f.Severity = validate.Info
			}
			p.Report(validate.Shown(path, n, f))
		})
	},
}

func pastTheSubset(p *validate.Pass, h *traffic.Hop, m miss, consequence string) validate.Finding {
	c := clusterOf(h)
	which := "without a subset"
	if c.subset != "" {
		which = "with subset " + c.subset
	}
	f := validate.Finding{
		Place:       p.At(m.rule.Object, m.field),
		Message:     fmt.Sprintf("the request goes to %s %s, and %s sets tls (%s) for subset %s only", c.host, which, m.rule.ID, m.tls.Mode, m.subset),
		Consequence: consequence,
		Fix:         fmt.Sprintf("move tls of subset %s up to spec.trafficPolicy of %s", m.subset, m.rule.ID),
	}
	if plain := "spec.trafficPolicy.tls"; m.port == 0 && !m.rule.Object.Has(plain) {
		f.Edits = append(cleared(p, m.rule.Object, m.field), validate.Edit{Object: f.Object, Field: plain, Value: fieldValue(m.rule.Object, m.field)})
	}
	if route, ok := validate.Decided(h, "VirtualService"); ok {
		f.Related = []validate.Place{f.Place}
		f.Place = p.Of(route)
		f.Edits = []validate.Edit{{Object: f.Object, Field: route.Field + ".subset", Value: m.subset}}
		f.Fix = fmt.Sprintf("name subset %s at the destination in %s; or %s", m.subset, route, f.Fix)
	}
	return f
}
