package rules

import (
	"fmt"
	"maps"

	"github.com/meshscenario/scenario/validate"
)

var msh121 = validate.Rule{
	ID: "MSH121", Name: "sidecar-egress-invalid", Category: validate.Schema, Severity: validate.Error,
	Title: "a Sidecar that Istio refuses, or that is for the workloads of another",
	Check: func(p *validate.Pass) {
		reportRefused(p, "MSH121")
		rivalSidecars(p)
	},
}

// rivalSidecars reports Sidecars for the same workloads. Istio takes them all, and of those that fit a workload, those with
// a selector first, the one that was created first. Selectors that only overlap may be meant so.
func rivalSidecars(p *validate.Pass) {
	for i, s := range p.Objects.Sidecars {
		for _, other := range p.Objects.Sidecars[:i] {
			one, two := s.Spec.WorkloadSelector, other.Spec.WorkloadSelector
			if s.ID.Namespace != other.ID.Namespace || (one == nil) != (two == nil) || !maps.Equal(one.GetLabels(), two.GetLabels()) {
				continue
			}
			field, which := "spec.workloadSelector", "have the same workloadSelector"
			fix := "merge the two, or let the selectors differ"
			if one == nil {
				field, which = "spec", "have no workloadSelector"
				fix = "merge the two, or give one of them a workloadSelector"
			}
			p.Report(validate.Finding{
				Place: p.At(s.Object, field), Severity: validate.Warning, Related: []validate.Place{p.At(other.Object, field)},
				Message:     fmt.Sprintf("%s and %s %s, and only one Sidecar counts for a workload", other.ID, s.ID, which),
				Consequence: "the one that was created first counts: which that is, and what the proxies know of, depends on the order of applying them",
				Fix:         fix,
			})
			break
		}
	}
}
