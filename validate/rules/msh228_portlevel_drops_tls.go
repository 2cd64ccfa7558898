package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh228 = validate.Rule{
	ID: "MSH228", Name: "portlevel-drops-tls", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title:   "an entry for a port replaces the rule's tls, and has none",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		if h == nil {
			return false
		}
		m, ok := nearest(p, h, byPortLevel)
		if !ok {
			return false
		}
		c := clusterOf(h)
		return p.Broken(b, n, validate.Finding{
			Place:       p.At(m.rule.Object, entryField(m.rule.Spec, c)),
			Message:     fmt.Sprintf("the settings for port %d take the place of all that %s sets above them, its tls (%s) too", c.port, m.rule.ID, m.tls.Mode),
			Consequence: refusedPlaintext(b),
			Fix:         fmt.Sprintf("write the tls of %s again within the settings for port %d", m.field, c.port),
			Related:     []validate.Place{p.At(m.rule.Object, m.field)},
		})
	},
}
