package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// A keeper is a rule for a host that is not exported to a proxy, and that keeps a wider one from it.
type keeper struct {
	narrow, wide traffic.Of[*networking.DestinationRule]
}

func (k *keeper) finding(p *validate.Pass, h *traffic.Hop) validate.Finding {
	proxy := clientOf(h)
	at := p.At(k.narrow.Object, "spec.exportTo")
	return validate.Finding{
		Place:   at,
		Message: fmt.Sprintf("%s is for %s and not exported to namespace %s; there it keeps %s (%s) from counting, because the most specific host is chosen before it is asked who may see it", k.narrow.ID, k.narrow.Spec.Host, proxy, k.wide.ID, k.wide.Spec.Host),
		Fix:     fmt.Sprintf("add %s to exportTo of %s; or repeat what %s says in a DestinationRule of namespace %s", proxy, k.narrow.ID, k.wide.ID, proxy),
		Related: []validate.Place{p.At(k.wide.Object, "spec.host")},
		Edits:   exportEdit(at, k.narrow.Spec.ExportTo, proxy),
	}
}

// hiddenWildcard finds the two rules, where none counts at a hop.
func hiddenWildcard(p *validate.Pass, h *traffic.Hop) *keeper {
	c, proxy := clusterOf(h), clientOf(h)
	if _, ok := validate.Decided(h, "DestinationRule"); ok || h.Cluster == "" || c.host == "" {
		return nil
	}
	all := rulesFor(p, c.host)
	for _, narrow := range all {
		own := narrow.ID.Namespace
		private := !slices.ContainsFunc(narrow.Spec.ExportTo, func(e string) bool { return e != "." && e != own })
		if own == proxy || len(narrow.Spec.ExportTo) == 0 || private || p.Index.Exported("DestinationRule", narrow.Spec.ExportTo, own, proxy) {
			continue
		}
		for _, wide := range all {
			if wide.ID.Namespace == own && wildcard(wide.Spec.Host) && (!wildcard(narrow.Spec.Host) || len(wide.Spec.Host) < len(narrow.Spec.Host)) &&
				p.Index.Exported("DestinationRule", wide.Spec.ExportTo, own, proxy) && looksInto(p, h, own) {
				return &keeper{narrow, wide}
			}
		}
	}
	return nil
}

// looksInto tells whether a proxy looks for rules in a namespace that is not its own.
func looksInto(p *validate.Pass, h *traffic.Hop, namespace string) bool {
	root, _, _ := p.Index.Mesh()
	return namespace == root || slices.ContainsFunc(related(p, h, "ServiceEntry", "Service"), func(o validate.Place) bool { return o.Object.Namespace == namespace })
}
