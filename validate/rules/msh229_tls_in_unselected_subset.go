package rules

import (
	"fmt"

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
		if !ok {
			return false
		}
		place, fix := p.At(m.rule.Object, m.field), fmt.Sprintf("move tls of subset %s up to spec.trafficPolicy of %s", m.subset, m.rule.ID)
		related := []validate.Place{}
		if route, ok := validate.Decided(h, "VirtualService"); ok {
			related = append(related, place)
			place = p.Of(route)
			fix = fmt.Sprintf("name subset %s at the destination in %s; or %s", m.subset, route, fix)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("the request goes to %s without a subset, or with another one, and %s sets tls (%s) for subset %s only", clusterOf(h).host, m.rule.ID, m.tls.Mode, m.subset),
			Consequence: refusedPlaintext(b),
			Fix:         fix,
			Related:     related,
		})
	},
}
