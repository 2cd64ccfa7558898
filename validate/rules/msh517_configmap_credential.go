package rules

import (
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh517 = validate.Rule{
	ID: "MSH517", Name: "configmap-credential", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a credential of a kind that istiod does not serve",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH517", credentialMiss(p, b)) },
	// How a ConfigMap is named, and since when it can be, is the schema's matter.
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.DestinationRules {
			for _, s := range settings(r) {
				named, ok := strings.CutPrefix(s.tls.CredentialName, "configmap://")
				if !ok || s.tls.Mode != networking.ClientTLSSettings_MUTUAL {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(r.Object, s.field+".credentialName"),
					Message:     fmt.Sprintf("%s is to show a certificate (MUTUAL) and names ConfigMap %s, of which istiod gives the CA only", r.ID, named),
					Consequence: "the proxy waits for a certificate that never comes: 503 UF, secret not supplied",
					Fix:         "name a Secret with tls.crt, tls.key and ca.crt; or set mode SIMPLE, if no client certificate is asked for",
				})
			}
		}
	},
}
