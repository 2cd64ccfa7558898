package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh308 = validate.Rule{
	ID: "MSH308", Name: "dr-shadowed", Category: validate.Scope, Severity: validate.Error,
	Title:   "another rule for the host takes the place of the one that is meant",
	Of:      append(slices.Clone(bareCauses), traffic.UnknownSubset),
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.UnknownSubset {
			return report(p, b, "MSH308", destinationMiss(p, b))
		}
		h, n := bare(b)
		if h == nil || said(h) || planned(p, h) != nil {
			return false
		}
		m, ok := nearest(p, h, byOther)
		if !ok || wildcard(m.rule.Spec.Host) {
			return false
		}
		winner, ok := validate.Decided(h, "DestinationRule")
		if !ok {
			return false
		}
		return p.Broken(b, n, validate.Finding{
			Severity:    doubt(p, b),
			Place:       p.At(m.rule.Object, m.field),
			Message:     fmt.Sprintf("%s sets tls (%s) for %s, and %s is in its place for %s", m.rule.ID, m.tls.Mode, clusterOf(h).host, winner, by(h)),
			Consequence: refusedPlaintext(b),
			Fix:         fmt.Sprintf("write the same tls into %s too: of rules for one host only one counts; or keep one DestinationRule of the host for each client namespace", winner),
			Edits:       repeated(p, m, winner, clusterOf(h)),
			Related:     []validate.Place{p.Of(winner)},
		})
	},
}
