package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh232 = validate.Rule{
	ID: "MSH232", Name: "starttls-protocol", Category: validate.Protocol, Severity: validate.Error,
	Title: "TLS is set where the protocol begins in plaintext and turns to TLS by itself",
	Of:    []traffic.Cause{traffic.Unregistered},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		return report(p, b, "MSH232", unregistered(p, b))
	},
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			protocol := inBandAt(p, h)
			if _, called := dialledAsCalled(p, h); called || protocol == "" || i+1 < len(path.Hops) {
				return
			}
			p.Report(validate.Shown(path, i+1, validate.Finding{
				Place:       p.At(tls.of.Object, tls.by.Field+".mode"),
				Message:     fmt.Sprintf("%s makes TLS to %s from the first byte, and %s begins in plaintext: its client asks for TLS in its own words", by(h), h.Destination, protocol),
				Consequence: "the server does not expect a ClientHello: it hangs up, or both sides wait for the other until they time out",
				Fix:         fmt.Sprintf("set mode DISABLE in %s for that port, and let the client's driver make the TLS (such as sslmode=verify-full)", tls.by),
				Edits:       inPlace(p, tls, clusterOf(h), map[string]any{"mode": "DISABLE"}),
				Related:     related(p, h, "ServiceEntry"),
			}))
		})
	},
}
