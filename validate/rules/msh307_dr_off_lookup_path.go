package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh307 = validate.Rule{
	ID: "MSH307", Name: "dr-off-lookup-path", Category: validate.Scope, Severity: validate.Error,
	Title:   "the rule that sets the TLS is not looked up by the proxy that needs it",
	Of:      append(slices.Clone(bareCauses), traffic.NoClientCertificate),
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := bare(b)
		lacks := b.Outcome.Cause == traffic.NoClientCertificate
		if lacks {
			h, n = exit(b)
		}
		if h == nil || !lacks && said(h) || planned(p, h) != nil {
			return false
		}
		m, ok := nearest(p, h, byExport, byNamespace, bySelector)
		if !ok {
			m, ok = misspelt(p, h)
		}
		if !ok || wildcard(m.rule.Spec.Host) || lacks && m.tls.Mode != networking.ClientTLSSettings_MUTUAL {
			return false
		}
		proxy, _, _ := strings.Cut(h.Workload, "/")
		field, why, fix := "spec.exportTo", "is not exported to namespace "+proxy, fmt.Sprintf("add %s to exportTo of %s, or move it there", proxy, m.rule.ID)
		switch m.why {
		case byNamespace:
			field = "metadata.namespace"
			why = "is in a namespace that the proxy does not look into for this host: only its own, the one of the ServiceEntry, and the root namespace count"
			fix = fmt.Sprintf("move %s to namespace %s, or beside the ServiceEntry", m.rule.ID, proxy)
		case bySpelling:
			field = "spec.host"
			why = fmt.Sprintf("is for %s, which nothing declares", m.rule.Spec.Host)
			fix = fmt.Sprintf("set spec.host of %s to %s", m.rule.ID, clusterOf(h).host)
		case bySelector:
			field = "spec.workloadSelector"
			why = "selects other workloads"
			fix = fmt.Sprintf("make workloadSelector of %s fit the labels of %s, in its namespace", m.rule.ID, h.Workload)
		}
		consequence := refusedPlaintext(b)
		if lacks {
			consequence = "another rule makes the TLS, without a client certificate: the server ends the handshake, 503 UF"
		}
		return p.Broken(b, n, validate.Finding{
			Place:       p.At(m.rule.Object, field),
			Message:     fmt.Sprintf("%s sets tls (%s) for %s, but does not count for %s: it %s", m.rule.ID, m.tls.Mode, clusterOf(h).host, by(h), why),
			Consequence: consequence,
			Fix:         fix,
			Related:     []validate.Place{p.At(m.rule.Object, m.field)},
		})
	},
}
