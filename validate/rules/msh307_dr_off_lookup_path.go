package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh307 = validate.Rule{
	ID: "MSH307", Name: "dr-off-lookup-path", Category: validate.Scope, Severity: validate.Error,
	Title:   "the rule that sets the TLS is not looked up by the proxy that needs it",
	Of:      append(slices.Clone(bareCauses), traffic.NoClientCertificate, traffic.MeshTLSOutside, traffic.MeshTLSNoSidecar),
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.MeshTLSOutside || b.Outcome.Cause == traffic.MeshTLSNoSidecar {
			return unusedException(p, b)
		}
		h, n := bare(b)
		lacks := b.Outcome.Cause == traffic.NoClientCertificate
		if lacks {
			h, n = exit(b)
		}
		if h == nil || !lacks && said(h) || planned(p, h) != nil || !lacks && hiddenWildcard(p, h) != nil {
			return false
		}
		m, ok := nearest(p, h, byExport, byNamespace, bySelector)
		if !ok {
			m, ok = misspelt(p, h)
		}
		if !ok || wildcard(m.rule.Spec.Host) || lacks && m.tls.Mode != networking.ClientTLSSettings_MUTUAL {
			return false
		}
		field, why, fix, edits := unused(p, m, h)
		consequence := refusedPlaintext(b)
		if lacks {
			consequence = "another rule makes the TLS, without a client certificate: the server ends the handshake, 503 UF"
		}
		return p.Broken(b, n, validate.Finding{
			Severity:    doubt(p, b),
			Place:       p.At(m.rule.Object, field),
			Message:     fmt.Sprintf("%s sets tls (%s) for %s, but does not count for %s: it %s", m.rule.ID, m.tls.Mode, clusterOf(h).host, by(h), why),
			Consequence: consequence,
			Fix:         fix,
			Edits:       edits,
			Related:     []validate.Place{p.At(m.rule.Object, m.field)},
		})
	},
}
