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
		for _, path := range p.Paths {
			if path.Outcome.Code != traffic.Arrives {
				continue
			}
			for i := range path.Hops {
				h := &path.Hops[i]
				rule, ok := validate.Decided(h, "DestinationRule")
				if !ok || !originates(path.Hops, i) || h.Wire.Mode == traffic.IstioMutual || h.Verify.Server.CA != "" {
					continue
				}
				if object := p.Object(rule); object == nil || object.Has(rule.Field+".insecureSkipVerify") {
					continue // MSH903
				}
				p.Report(validate.Shown(path, i+1, validate.Finding{
					Place:       p.Of(rule),
					Message:     fmt.Sprintf("%s takes any certificate of %s: on %s nothing is verified without caCertificates or credentialName", by(h), h.Destination, p.Target.Name),
					Consequence: "whoever gets between the two reads and changes what is sent, and nobody notices; from Istio 1.21 on the same rule verifies, and may fail",
					Fix:         fmt.Sprintf("set caCertificates (the system's bundle in the proxy is /etc/ssl/certs/ca-certificates.crt) and subjectAltNames in %s", rule),
				}))
			}
		}
	},
}
