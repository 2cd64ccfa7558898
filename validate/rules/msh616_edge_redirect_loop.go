package rules

import (
	"bytes"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

var msh616 = validate.Rule{
	ID: "MSH616", Name: "edge-redirect-loop", Category: validate.Termination, Severity: validate.Error,
	Title:   "the Route takes the TLS off, and the gateway redirects to https",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		v := routerMiss(p, b)
		if v.rule != "MSH616" {
			return false
		}
		// A redirect is an answer, and so no break: that it leads back here is what makes it one.
		if slices.ContainsFunc(p.Objects.All, func(o *bundle.Object) bool { return bytes.Contains(o.JSON, []byte("numTrustedProxies")) }) {
			// A gateway that trusts the router takes X-Forwarded-Proto from it, and so knows of the TLS.
			v.finding.Severity = validate.Info
		}
		p.Report(validate.Shown(b.Path, v.hop, v.finding))
		return true
	},
}
