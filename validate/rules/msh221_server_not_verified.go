package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh221 = validate.Rule{
	ID: "MSH221", Name: "server-not-verified", Category: validate.Unverified, Severity: validate.Warning,
	Title: "the proxy makes TLS and does not verify the server",
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			if h.Verify.Server.CA != "" || tls.InsecureSkipVerify != nil || inBandAt(p, h) != "" {
				return // MSH903, MSH232
			}
			at := p.Of(tls.by)
			var edits []validate.Edit
			if !local(h.Destination.Host) { // else a CA of one's own signed its certificate
				edits = append(edits, validate.Edit{Object: at.Object, Field: tls.by.Field + ".caCertificates", Value: systemBundle})
			}
			if len(edits) > 0 && len(tls.SubjectAltNames) == 0 && !wildcard(h.Destination.Host) && !wildcard(tls.of.Spec.Host) {
				edits = append(edits, validate.Edit{Object: at.Object, Field: tls.by.Field + ".subjectAltNames", Value: []any{h.Destination.Host}})
			}
			p.Report(validate.Shown(path, i+1, validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("%s takes any certificate of %s: on %s nothing is verified without caCertificates or credentialName", by(h), h.Destination, p.Target.Name),
				Consequence: "whoever gets between the two reads and changes what is sent, and nobody notices; from Istio 1.21 on the same rule verifies, and may fail",
				Fix:         fmt.Sprintf("set caCertificates (the public CAs are in the proxy as %s) and subjectAltNames in %s", systemBundle, tls.by),
				Edits:       edits,
			}))
		})
	},
}
