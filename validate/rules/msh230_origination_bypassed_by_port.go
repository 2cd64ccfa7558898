package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh230 = validate.Rule{
	ID: "MSH230", Name: "origination-bypassed-by-port", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title:   "the rule makes TLS for a port that the request does not go to",
	Of:      bareCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		if h == nil {
			return false
		}
		m, ok := nearest(p, h, byPort)
		if !ok {
			return false
		}
		c := clusterOf(h)
		place, fix := p.At(m.rule.Object, m.field), fmt.Sprintf("set tls for port %d in %s", c.port, m.rule.ID)
		related := []validate.Place{}
		if route, ok := validate.Decided(h, "VirtualService"); ok {
			related = append(related, place)
			place = p.Of(route)
			fix = fmt.Sprintf("lead the request to port %d in %s, if that is the one that takes TLS; or %s", m.port, route, fix)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       place,
			Message:     fmt.Sprintf("the request goes to port %d of %s, and %s sets tls (%s) for port %d only", c.port, c.host, m.rule.ID, m.tls.Mode, m.port),
			Consequence: refusedPlaintext(b),
			Fix:         fix,
			Related:     related,
		})
	},
}
