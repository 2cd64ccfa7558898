package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh222 = validate.Rule{
	ID: "MSH222", Name: "identity-not-pinned", Category: validate.Unverified, Severity: validate.Warning,
	Title: "the proxy takes any certificate of the CA, whatever name is on it",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if path.Outcome.Code != traffic.Arrives {
				continue
			}
			for i := range path.Hops {
				h := &path.Hops[i]
				rule, ok := validate.Decided(h, "DestinationRule")
				if !ok || !originates(path.Hops, i) || h.Wire.Mode == traffic.IstioMutual || h.Verify.Server.CA == "" || len(h.Verify.Server.Names) > 0 {
					continue
				}
				if trustsPublicForInternal(path.Hops, i) {
					continue // MSH919
				}
				f := validate.Finding{
					Place:       p.Of(rule),
					Message:     fmt.Sprintf("%s verifies that the certificate of %s is by a CA that it trusts, but not whose it is", by(h), h.Destination),
					Consequence: "any certificate of that CA will do; where it is a public one, anybody's",
					Fix:         fmt.Sprintf("set subjectAltNames: [%s] where %s sets tls", h.Destination.Host, rule),
				}
				if !wildcard(h.Destination.Host) {
					f.Safe = true
					f.Edits = []validate.Edit{{Object: f.Object, Field: rule.Field + ".subjectAltNames", Value: []any{h.Destination.Host}}}
				}
				p.Report(validate.Shown(path, i+1, f))
			}
		}
	},
}
