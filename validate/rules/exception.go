package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// unused says why a rule does not count for a hop, by which field, and how to make it count.
func unused(p *validate.Pass, m miss, h *traffic.Hop) (field, why, fix string, edits []validate.Edit) {
	proxy, r := clientOf(h), m.rule
	at := p.At(r.Object, "")
	looked := r.ID.Namespace == proxy || looksInto(p, h, r.ID.Namespace)
	switch {
	case m.why == bySpelling && r.Spec.Host == clusterOf(h).host:
		return "spec.host", fmt.Sprintf("is for %s, as Istio completes a name without a dot", fullName(r.Spec.Host, r.ID.Namespace)),
			"give the ServiceEntry a host with a dot in it, and the rule the same", nil
	case m.why == bySpelling:
		if looked && p.Index.Exported("DestinationRule", r.Spec.ExportTo, r.ID.Namespace, proxy) {
			edits = []validate.Edit{{Object: at.Object, Field: "spec.host", Value: clusterOf(h).host}}
		}
		return "spec.host", fmt.Sprintf("is for %s, which nothing declares", r.Spec.Host),
			fmt.Sprintf("set spec.host of %s to %s", r.ID, clusterOf(h).host), edits
	case m.why == bySelector:
		return "spec.workloadSelector", "selects other workloads",
			fmt.Sprintf("make workloadSelector of %s fit the labels of %s, in its namespace", r.ID, h.Workload), selectorEdits(p, m, h)
	case m.why == byExport && looked:
		return "spec.exportTo", "is not exported to namespace " + proxy,
			fmt.Sprintf("add %s to exportTo of %s", proxy, r.ID), exportEdit(at, r.Spec.ExportTo, proxy)
	}
	home := homeFor(p, h)
	return "metadata.namespace",
		"is in a namespace that the proxy does not look into for this host: only its own, that of the ServiceEntry or Service, and the root namespace count",
		fmt.Sprintf("move %s to namespace %s", r.ID, home), moveEdits(p, m, h, home)
}

// exception is a rule for exactly the host of a hop that would keep the mesh's mutual TLS from it, and does not count.
func exception(p *validate.Pass, h *traffic.Hop) (miss, bool) {
	for _, m := range missedWhere(p, h, func(t *networking.ClientTLSSettings) bool {
		return t != nil && t.Mode != networking.ClientTLSSettings_ISTIO_MUTUAL
	}) {
		if !wildcard(m.rule.Spec.Host) && (m.why == byExport || m.why == byNamespace || m.why == bySelector) {
			return m, true
		}
	}
	return miss{}, false
}

func unusedException(p *validate.Pass, b *validate.Break) bool {
	h, n := originator(b)
	if h == nil {
		return false
	}
	m, ok := exception(p, h)
	if !ok {
		return false
	}
	field, why, fix, edits := unused(p, m, h)
	return p.Broken(b, n, validate.Finding{
		Place:       p.At(m.rule.Object, field),
		Category:    validate.MeshTLSOutside,
		Message:     fmt.Sprintf("%s keeps the mesh's mutual TLS (tls.mode %s) from %s, but does not count for %s: it %s", m.rule.ID, m.tls.Mode, clusterOf(h).host, by(h), why),
		Consequence: "the mesh's mutual TLS goes to a server that does not know it: 503 UF, the server logs a bad handshake or garbage",
		Fix:         fix,
		Edits:       edits,
		Related:     related(p, h, "DestinationRule"),
	})
}
