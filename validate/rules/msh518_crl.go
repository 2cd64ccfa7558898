package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh518 = validate.Rule{
	ID: "MSH518", Name: "crl", Category: validate.CA, Severity: validate.Warning,
	Title: "a certificate revocation list is not read, or refuses everybody",
	Check: func(p *validate.Pass) {
		materialFaults("MSH518")(p)
		meetingFaults("MSH518")(p)
		for _, r := range p.Objects.DestinationRules {
			for _, s := range settings(r) {
				if s.tls.CaCrl == "" || s.tls.CaCertificates != "" || s.tls.CredentialName != "" || s.tls.GetInsecureSkipVerify().GetValue() {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(r.Object, s.field+".caCrl"),
					Message:     fmt.Sprintf("%s sets caCrl without caCertificates, so the public CAs of the proxy's image verify %s", r.ID, r.Spec.Host),
					Consequence: "once there is a list, Envoy wants one for every CA of the chain: servers with a certificate of another CA are refused, 503 UF",
					Fix:         fmt.Sprintf("set caCertificates of %s to the CA whose list it is, or take caCrl out", r.ID),
				})
			}
		}
	},
}
