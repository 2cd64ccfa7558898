package rules

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// homeFor is where a rule for the host of a hop counts for the hop: beside its proxy, or beside the ServiceEntry or
// Service, where clients of several namespaces call the host.
func homeFor(p *validate.Pass, h *traffic.Hop) string {
	proxy := clientOf(h)
	owners := related(p, h, "ServiceEntry", "Service")
	if len(owners) == 0 || !slices.ContainsFunc(callsTo(p, clusterOf(h).host), func(path *traffic.Path) bool {
		return !path.Request.Guess && clientOf(&path.Hops[0]) != proxy && h.Proxy == traffic.Sidecar
	}) {
		return proxy
	}
	return owners[0].Object.Namespace
}

// moveEdits write another namespace into a rule, unless somebody may need it where it is, or it would stand beside
// another rule for the host there.
func moveEdits(p *validate.Pass, m miss, h *traffic.Hop, home string) []validate.Edit {
	r := m.rule
	_, taken := ruleNamed(p, home+"/"+r.ID.Name)
	if !r.Object.Has("metadata.namespace") || slices.Contains(namespacesWithPods(p), r.ID.Namespace) || taken ||
		slices.ContainsFunc(rulesFor(p, clusterOf(h).host), func(o traffic.Of[*networking.DestinationRule]) bool {
			return o.ID.Namespace == home && !wildcard(o.Spec.Host)
		}) {
		return nil
	}
	at := p.At(r.Object, "")
	edits := []validate.Edit{{Object: at.Object, Field: "metadata.namespace", Value: home}}
	if proxy := clientOf(h); !p.Index.Exported("DestinationRule", r.Spec.ExportTo, home, proxy) {
		export := exportEdit(at, r.Spec.ExportTo, proxy)
		if export == nil {
			return nil
		}
		edits = append(edits, export...)
	}
	return edits
}

// selectorEdits write the labels of a hop's workload into a rule's selector, where the workload has a label of each name.
func selectorEdits(p *validate.Pass, m miss, h *traffic.Hop) []validate.Edit {
	pod, ok := p.Index.Pod(h.Workload)
	if !ok || m.rule.ID.Namespace != pod.Namespace {
		return nil
	}
	fit := map[string]any{}
	for key := range m.rule.Spec.WorkloadSelector.MatchLabels {
		if pod.Labels[key] == "" {
			return nil
		}
		fit[key] = pod.Labels[key]
	}
	return []validate.Edit{{Object: p.At(m.rule.Object, "").Object, Field: "spec.workloadSelector.matchLabels", Value: fit}}
}
