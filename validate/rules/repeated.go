package rules

import (
	"fmt"
	"maps"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// repeated writes a tls block into the rule that counts in place of its own, for a cluster.
func repeated(p *validate.Pass, m miss, winner traffic.Decision, c cluster) []validate.Edit {
	tls, ok := valueAt(m.rule.Object, m.field)
	own, held := ruleNamed(p, winner.Namespace+"/"+winner.Name)
	if !ok || !held || m.subset != "" && m.subset != c.subset {
		return nil
	}
	field := "spec.trafficPolicy"
	if i := slices.IndexFunc(own.Spec.Subsets, func(s *networking.Subset) bool { return s.Name == c.subset }); m.subset != "" {
		if i < 0 {
			return nil
		}
		field = fmt.Sprintf("spec.subsets[%d].trafficPolicy", i)
	}
	at := p.At(own.Object, "").Object
	if entry := entryField(own.Spec, c); entry != "" {
		return []validate.Edit{{Object: at, Field: entry + ".tls", Value: tls}}
	}
	if m.port == 0 {
		return []validate.Edit{{Object: at, Field: field + ".tls", Value: tls}}
	}
	levels := own.Spec.TrafficPolicy.GetPortLevelSettings()
	if m.subset != "" {
		levels = own.Spec.Subsets[atIndex(field)].TrafficPolicy.GetPortLevelSettings()
	}
	return []validate.Edit{{Object: at, Field: fmt.Sprintf("%s.portLevelSettings[%d]", field, len(levels)), Value: map[string]any{
		"port": map[string]any{"number": m.port}, "tls": tls,
	}}}
}

// valueAt is what an object has written at a field.
func valueAt(o *bundle.Object, field string) (any, bool) {
	steps, ok := bundle.Steps(field)
	var at any = o.Tree()
	for _, step := range steps {
		if items, _ := at.([]any); step.Index >= 0 {
			if step.Index >= len(items) {
				return nil, false
			}
			at = items[step.Index]
			continue
		}
		fields, _ := at.(map[string]any)
		if at, ok = fields[step.Key]; !ok {
			return nil, false
		}
	}
	return at, ok
}

// subsetEdit writes a subset of a rule into the one that counts in its place, with what the subset has from above it.
func subsetEdit(p *validate.Pass, of, winner traffic.Of[*networking.DestinationRule], i int) []validate.Edit {
	item, ok := valueAt(of.Object, fmt.Sprintf("spec.subsets[%d]", i))
	if !ok {
		return nil
	}
	subset, _ := item.(map[string]any)
	above, _ := valueAt(of.Object, "spec.trafficPolicy")
	if policy, ok := above.(map[string]any); ok {
		own, _ := subset["trafficPolicy"].(map[string]any)
		maps.Copy(policy, own)
		subset["trafficPolicy"] = policy
	}
	return []validate.Edit{{Object: p.At(winner.Object, "").Object, Field: fmt.Sprintf("spec.subsets[%d]", len(winner.Spec.Subsets)), Value: subset}}
}

func list(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}
