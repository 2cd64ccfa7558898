package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

// The webhook of a revision passes over namespaces that have istio-injection at all, whatever it says
// (https://istio.io/latest/docs/reference/config/analysis/ist0123).
var msh890 = validate.Rule{
	ID: "MSH890", Name: "injection-labels", Category: validate.Other, Severity: validate.Warning,
	Title: "two labels say who gives a namespace's pods their sidecars, and one of them wins",
	Check: func(p *validate.Pass) {
		if p.Target.PodInjection {
			return
		}
		for _, o := range p.Objects.All {
			if o.Kind != "Namespace" {
				continue
			}
			labels := labelsOf(o)
			injection, revision := labels["istio-injection"], labels["istio.io/rev"]
			if injection == "" || revision == "" || injection == "enabled" && revision == "default" {
				continue
			}
			f := validate.Finding{
				Place:       p.At(o, `metadata.labels["istio.io/rev"]`),
				Message:     fmt.Sprintf("Namespace %s has istio-injection: %s too, so revision %s does not look at it", o.Name, injection, revision),
				Consequence: "its pods get no sidecar",
				Fix:         fmt.Sprintf("take out the label istio-injection, and restart the pods, where they are to have revision %s; else take out istio.io/rev", revision),
			}
			if injection == "enabled" {
				f.Consequence = fmt.Sprintf("its pods get the sidecar of the default revision, or none where no revision is the default, and never move to %s", revision)
				f.Edits = []validate.Edit{{Object: p.At(o, "").Object, Field: `metadata.labels["istio-injection"]`}} // which takes it out
			}
			p.Report(f)
		}
	},
}
