package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh207 = validate.Rule{
	ID: "MSH207", Name: "istio-mutual-to-external", Category: validate.MeshTLSOutside, Severity: validate.Error,
	Title: "the mesh's own mutual TLS goes to a service outside the mesh",
	Of:    []traffic.Cause{traffic.MeshTLSOutside},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil {
			return false
		}
		rule, ok := validate.Decided(h, "DestinationRule")
		if !ok {
			return false
		}
		fix := fmt.Sprintf("set tls.mode in %s to SIMPLE where the server takes TLS, or to DISABLE where it takes plaintext", rule)
		var settings map[string]any
		switch off := map[string]any{"mode": "DISABLE"}; {
		case b.TLS:
			settings, fix = off, fmt.Sprintf("set tls.mode in %s to DISABLE: the application makes the TLS itself", rule)
		case h.Destination.Port == 80:
			settings = off
			fix = fmt.Sprintf("set tls.mode in %s to DISABLE: port 80 takes plaintext; or to SIMPLE, with targetPort 443 in the ServiceEntry", rule)
		case asksTLS(p, h):
			settings = simpleTLS(p, clusterOf(h).host)
			fix = fmt.Sprintf("set tls.mode in %s to SIMPLE, or to MUTUAL where the server asks for a client certificate", rule)
		}
		var edits []validate.Edit
		if tls, ok := blockOf(p, rule); ok && settings != nil {
			edits = inPlace(p, tls, clusterOf(h), settings)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       p.Of(rule),
			Message:     fmt.Sprintf("%s speaks the mesh's mutual TLS to %s, which is outside the mesh and has no certificate of it", by(h), h.Destination),
			Consequence: "the handshake fails, as neither side trusts the other's CA: 503 UF, CERTIFICATE_VERIFY_FAILED",
			Fix:         fix,
			Related:     related(p, h, "ServiceEntry"),
			Edits:       edits,
		})
	},
}
