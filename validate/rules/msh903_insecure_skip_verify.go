package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh903 = validate.Rule{
	ID: "MSH903", Name: "insecure-skip-verify", Category: validate.Unverified, Severity: validate.Warning,
	Title: "a rule turns the verification of the server off",
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.DestinationRules {
			for _, s := range settings(r) {
				if !s.tls.GetInsecureSkipVerify().GetValue() || contradicts(s.tls) {
					continue // MSH111
				}
				p.Report(validate.Finding{
					Place:       p.At(r.Object, s.field+".insecureSkipVerify"),
					Message:     fmt.Sprintf("%s takes any certificate of %s", r.ID, r.Spec.Host),
					Consequence: "whoever gets between the two reads and changes what is sent, and nobody notices",
					Fix:         "take insecureSkipVerify out; set caCertificates or credentialName for the server's CA, and subjectAltNames for its name",
				})
			}
		}
	},
}

// contradicts tells whether settings that skip the verification say by what to verify, which Istio refuses.
func contradicts(tls *networking.ClientTLSSettings) bool {
	simple := tls.Mode == networking.ClientTLSSettings_SIMPLE
	return tls.CaCertificates != "" || len(tls.SubjectAltNames) > 0 || simple && tls.CredentialName != ""
}
