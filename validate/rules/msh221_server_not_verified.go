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
		originating(p, func(path traffic.Path, i int, h *traffic.Hop, tls block) {
			if h.Verify.Server.CA != "" || tls.InsecureSkipVerify != nil || inBandAt(p, h) != "" {
				return // MSH903, MSH232
			}
			p.Report(validate.Shown(path, i+1, validate.Finding{
				Place:       p.Of(tls.by),
				Message:     fmt.Sprintf("%s takes any certificate of %s: on %s nothing is verified without caCertificates or credentialName", by(h), h.Destination, p.Target.Name),
				Consequence: "whoever gets between the two reads and changes what is sent, and nobody notices; from Istio 1.21 on the same rule verifies, and may fail",
				Fix:         fmt.Sprintf("set caCertificates (the system's bundle in the proxy is /etc/ssl/certs/ca-certificates.crt) and subjectAltNames in %s", tls.by),
			}))
		})
	},
}
