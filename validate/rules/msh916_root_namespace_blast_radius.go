package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh916 = validate.Rule{
	ID: "MSH916", Name: "root-namespace-blast-radius", Category: validate.Scope, Severity: validate.Warning,
	Title: "an object in the root namespace is for every workload of the mesh",
	Check: func(p *validate.Pass) {
		root, _, _ := p.Index.Mesh()
		for _, r := range p.Objects.DestinationRules {
			if r.ID.Namespace != root || !everyHost(r.Spec.Host) || len(r.Spec.ExportTo) == 1 && r.Spec.ExportTo[0] == "." {
				continue
			}
			for _, s := range settings(r) {
				if s.subset != "" || s.tls.GetMode().String() == "ISTIO_MUTUAL" {
					continue // that is how a mesh asks for its own TLS everywhere
				}
				p.Report(validate.Finding{
					Place:       p.At(r.Object, s.field+".mode"),
					Message:     fmt.Sprintf("%s makes TLS (%s) to all hosts that %q covers, for every workload of the mesh", r.ID, s.tls.GetMode(), r.Spec.Host),
					Consequence: "hosts that nobody thought of get it too: services inside answer TLS with a reset, and what is TLS already becomes TLS in TLS",
					Fix:         fmt.Sprintf("name the host in spec.host, and put %s into the namespace of its clients with exportTo: [\".\"]", r.ID),
				})
			}
		}
		for _, e := range p.Objects.EnvoyFilters {
			if e.ID.Namespace == root && len(e.Spec.GetWorkloadSelector().GetLabels()) == 0 && len(e.Spec.GetTargetRefs()) == 0 && len(e.Spec.GetConfigPatches()) > 0 && ofScenario(e) {
				p.Report(validate.Finding{
					Place: p.At(e.Object, "spec"), Severity: validate.Info,
					Message:     fmt.Sprintf("%s has no workloadSelector, so it changes every proxy of the mesh", e.ID),
					Consequence: "a mistake in it, or a change of Envoy's, hits all workloads at once",
					Fix:         "select the workloads that need it, or put it into their namespace",
				})
			}
		}
	},
}

// everyHost tells whether a rule's host covers what no one team owns: everything, or a whole top level domain.
func everyHost(host string) bool {
	suffix, ok := strings.CutPrefix(host, "*")
	return ok && strings.Count(strings.Trim(suffix, "."), ".") == 0
}

// ofScenario tells whether an object is not one that an installation of Istio brings for its own metrics.
func ofScenario[T any](o traffic.Of[T]) bool {
	return !strings.Contains(o.ID.Name, "stats-filter") && labelsOf(o.Object)["install.operator.istio.io/owning-resource"] == ""
}
