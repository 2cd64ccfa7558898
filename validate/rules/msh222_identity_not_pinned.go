package rules

import (
	"cmp"
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh222 = validate.Rule{
	ID: "MSH222", Name: "identity-not-pinned", Category: validate.Unverified, Severity: validate.Warning,
	Title: "the proxy takes any certificate of the CA, whatever name is on it",
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			if h.Verify.Server.CA == "" || len(h.Verify.Server.Names) > 0 || inBandAt(p, h) != "" {
				return
			}
			if trustsPublicForInternal(path.Hops, i) {
				return // MSH919
			}
			name := cmp.Or(tls.Sni, h.Destination.Host) // the server is asked for a certificate of that name
			f := validate.Finding{
				Place:       p.Of(tls.by),
				Message:     fmt.Sprintf("%s verifies that the certificate of %s is by a CA that it trusts, but not whose it is", by(h), h.Destination),
				Consequence: "any certificate of that CA will do; where it is a public one, anybody's",
				Fix:         fmt.Sprintf("set subjectAltNames: [%s] where %s sets tls", name, tls.by),
			}
			if !wildcard(h.Destination.Host) && !wildcard(tls.of.Spec.Host) {
				f.Safe = name == h.Destination.Host
				f.Edits = []validate.Edit{{Object: f.Object, Field: tls.by.Field + ".subjectAltNames", Value: []any{name}}}
			}
			p.Report(validate.Shown(path, i+1, f))
		})
	},
}
