package rules

import (
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh517 = validate.Rule{
	ID: "MSH517", Name: "configmap-credential", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a credential of a kind that istiod does not serve",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH517", credentialMiss(p, b)) },
	// A ConfigMap holds a CA and nothing else, is named with its namespace, and has not always been read.
	Check: func(p *validate.Pass) {
		for _, r := range p.Objects.DestinationRules {
			for _, s := range settings(r) {
				named, ok := strings.CutPrefix(s.tls.CredentialName, "configmap://")
				if !ok {
					continue
				}
				namespace, name, full := strings.Cut(named, "/")
				f := validate.Finding{Place: p.At(r.Object, s.field+".credentialName")}
				switch {
				case !p.Target.Has(mesh.ConfigMapCA):
					f.Message = fmt.Sprintf("%s names %s, and istiod of %s knows no ConfigMaps as credentials", r.ID, s.tls.CredentialName, p.Target.Name)
					f.Consequence = "the proxy waits for a CA that never comes: 503 UF, secret not supplied"
					f.Fix = "put the CA into a Secret of the proxy's namespace under ca.crt, and name that"
				case s.tls.Mode == networking.ClientTLSSettings_MUTUAL:
					f.Message = fmt.Sprintf("%s is to show a certificate (MUTUAL) and names ConfigMap %s, of which istiod gives the CA only", r.ID, named)
					f.Consequence = "the proxy waits for a certificate that never comes: 503 UF, secret not supplied"
					f.Fix = "name a Secret with tls.crt, tls.key and ca.crt; or set mode SIMPLE, if no client certificate is asked for"
				case !full || name == "" || namespace != r.ID.Namespace:
					f.Message = fmt.Sprintf("%s names %s, and a ConfigMap is named with a namespace, the one of the DestinationRule", r.ID, s.tls.CredentialName)
					f.Consequence = "istiod refuses the DestinationRule: invalid configmap:// credentialName"
					f.Fix = fmt.Sprintf("keep the ConfigMap in namespace %s, and write configmap://%s/NAME", r.ID.Namespace, r.ID.Namespace)
				default:
					continue
				}
				p.Report(f)
			}
		}
	},
}
