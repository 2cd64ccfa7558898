package rules

import (
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh503 = validate.Rule{
	ID: "MSH503", Name: "credentialname-on-sidecar", Category: validate.PlaintextToTLS, Severity: validate.Error,
	Title:   "a sidecar ignores credentialName, and with it all of tls",
	Of:      []traffic.Cause{traffic.PlaintextToTLS},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := exit(b)
		if h == nil || h.Proxy != traffic.Sidecar || h.Wire.Layers > 0 {
			return false
		}
		rule, ok := validate.Decided(h, "DestinationRule")
		if !ok || !strings.HasSuffix(rule.Field, ".tls") {
			return false
		}
		object := p.Object(rule)
		if object == nil || !object.Has(rule.Field+".credentialName") {
			return false
		}
		fix := fmt.Sprintf("give %s a workloadSelector that selects the client, and let its ServiceAccount list the Secrets of its namespace; or go through an egress gateway; or mount the files and name them", rule)
		var edits []validate.Edit
		if p.Target.Has(mesh.DRCredentialOnSidecar) {
			if edits = selected(p, h, rule); edits != nil && clientTLS(p, rule).GetMode() == networking.ClientTLSSettings_MUTUAL {
				if pod, _ := p.Index.Pod(h.Workload); !hasRoles(p, pod.Namespace, pod.Account) {
					edits = append(edits, letRead(p, edits[0].Object, pod.Namespace, pod.Account)...)
				}
			}
		} else {
			fix = "mount the certificate into the sidecar (sidecar.istio.io/userVolume) and name the files; or go through an egress gateway"
		}
		return p.Broken(b, n, validate.Finding{
			Place:       p.At(object, rule.Field+".credentialName"),
			Message:     fmt.Sprintf("sidecars do not read credentialName of a DestinationRule without workloadSelector: the TLS to %s is left out, and plaintext goes there", h.Destination),
			Consequence: "nothing warns of it; the server refuses the plaintext: 400 \"plain HTTP request was sent to HTTPS port\", or 503",
			Fix:         fix,
			Related:     related(p, h, "ServiceEntry"),
			Edits:       edits,
		})
	},
}
