package schema

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/bundle"
)

// workload looks at what the API server asks of the workloads of apps/v1, and decoding does not show: the selector.
func workload(o *bundle.Object) []Problem {
	if o.APIVersion != "apps/v1" || !slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}, o.Kind) {
		return nil
	}
	spec := raw(o.JSON).get("spec")
	labels := spec.get("template", "metadata", "labels")
	if !spec.has("selector") && labels.kind() == 0 && o.Kustomized {
		return []Problem{{Rule: general, Kind: Missing, Severity: Info, Field: "spec", Message: "selector is missing, and so are the template's labels",
			Consequence: refused, Fix: "set both; or, where kustomize adds them, validate what kustomize build writes"}}
	}
	if !spec.has("selector") {
		return []Problem{{Rule: general, Kind: Missing, Severity: Error, Field: "spec", Message: "selector is missing, and apps/v1 takes none from the template's labels",
			Consequence: refused, Fix: "set selector.matchLabels to labels of the template"}}
	}
	var problems []Problem
	spec.get("selector", "matchLabels").entries(func(key string, value raw) bool {
		if labels.get(key).string() != value.string() || !labels.has(key) {
			problems = append(problems, Problem{Rule: general, Kind: Contradicts, Severity: Error, Field: pathOf([]step{textStep("spec"), textStep("selector"), textStep("matchLabels")}, key),
				Message: fmt.Sprintf("the template's pods do not have the label %s: %s", key, value.string()), Consequence: refused, Fix: "make the selector and the template's labels agree"})
		}
		return true
	})
	return problems
}
