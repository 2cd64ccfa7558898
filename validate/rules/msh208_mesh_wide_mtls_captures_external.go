package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh208 = validate.Rule{
	ID: "MSH208", Name: "mesh-wide-mtls-captures-external", Category: validate.MeshTLSOutside, Severity: validate.Error,
	Title:   "a rule for all of the mesh also takes in a service that is not in it",
	Of:      []traffic.Cause{traffic.MeshTLSOutside, traffic.MeshTLSNoSidecar, traffic.DoubleTLS},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := originator(b)
		if h == nil || h.Wire.Mode != traffic.IstioMutual {
			return false
		}
		rule, ok := validate.Decided(h, "DestinationRule")
		by, field := rule.String(), rule.Field
		if !ok {
			if rule, ok = validate.Decided(h, "ServiceMeshControlPlane"); !ok {
				return false
			}
			by = rule.String() + " (mtls: true)" // its operator writes the DestinationRule
		} else if object := p.Object(rule); object == nil || !wildcardRule(p, rule) {
			return false
		}
		if _, ok := exception(p, h); ok {
			return false // MSH307 tells of the exception that does not count
		}
		c := clusterOf(h)
		edits := freshRule(p, h, map[string]any{"tls": map[string]any{"mode": "DISABLE"}})
		fix := fmt.Sprintf("write a DestinationRule for exactly %s with trafficPolicy.tls.mode DISABLE, or SIMPLE where it takes TLS", c.host)
		if !b.TLS && asksTLS(p, h) {
			edits = plaintextMended(p, h)
			fix = fmt.Sprintf("write a DestinationRule for exactly %s with tls.mode SIMPLE for port %d", c.host, c.port)
		}
		return p.Broken(b, n, validate.Finding{
			Place:       validate.Place{Object: p.Of(rule).Object, Field: field, File: rule.File, Line: rule.Line, Column: rule.Column},
			Message:     fmt.Sprintf("%s asks for the mesh's mutual TLS wherever its host fits, and so for %s too, which is no workload of the mesh", by, c.host),
			Consequence: "the mesh's mutual TLS goes to a server that does not know it: 503 UF, the server logs a bad handshake or garbage",
			Fix:         fix,
			Edits:       edits,
			Related:     related(p, h, "ServiceEntry", "Service"),
		})
	},
}
