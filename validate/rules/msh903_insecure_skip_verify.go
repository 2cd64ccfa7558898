package rules

import (
	"cmp"
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
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
				f := validate.Finding{
					Place:       p.At(r.Object, s.field+".insecureSkipVerify"),
					Message:     fmt.Sprintf("%s takes any certificate of %s", r.ID, r.Spec.Host),
					Consequence: "whoever gets between the two reads and changes what is sent, and nobody notices",
					Fix:         "take insecureSkipVerify out; set caCertificates or credentialName for the server's CA, and subjectAltNames for its name",
				}
				if name := cmp.Or(s.tls.Sni, r.Spec.Host); !wildcard(name) && !isPrivate(name) && p.Target.Has(mesh.SystemCA) {
					f.Edits = []validate.Edit{
						{Object: f.Object, Field: s.field + ".insecureSkipVerify"},
						{Object: f.Object, Field: s.field + ".subjectAltNames", Value: []any{name}},
					}
					f.Fix = fmt.Sprintf("take insecureSkipVerify out, and set subjectAltNames: [%s]", name)
					if s.tls.CredentialName == "" {
						f.Edits = append(f.Edits, validate.Edit{Object: f.Object, Field: s.field + ".caCertificates", Value: "system"})
						f.Fix = fmt.Sprintf("take insecureSkipVerify out, and set caCertificates: system and subjectAltNames: [%s]; if it is a CA of your own, caCertificates names its file", name)
					}
				}
				p.Report(f)
			}
		}
	},
}

// contradicts tells whether settings that skip the verification say by what to verify, which Istio refuses.
func contradicts(tls *networking.ClientTLSSettings) bool {
	simple := tls.Mode == networking.ClientTLSSettings_SIMPLE
	return tls.CaCertificates != "" || len(tls.SubjectAltNames) > 0 || simple && tls.CredentialName != ""
}
