package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s#readme, and its last commits, of January 2021.
var msh801 = validate.Rule{
	ID: "MSH801", Name: "tyk-k8s-eol", Category: validate.Other, Severity: validate.Info, Anywhere: true,
	Title: "tyk-k8s, which is to mesh it, is no longer developed",
	Check: func(p *validate.Pass) {
		tell := func(o *bundle.Object, field string) {
			p.Report(validate.Finding{
				Place:   p.At(o, field),
				Message: fmt.Sprintf("%s asks to be meshed by tyk-k8s, which its makers closed in January 2021", o.ID),
				Fix:     "plan to leave it: Tyk Operator, its successor, takes the API definitions as objects of kind ApiDefinition, and meshes nothing; a mesh with sidecars is Istio",
			})
		}
		for _, w := range tykPods(p) {
			tell(w.object, w.annotation(tyk.InjectKey))
		}
		for _, s := range p.Objects.Services {
			if tyk.Meshed(s.ID.Namespace, s.Spec.Annotations) {
				tell(s.Object, injectField)
			}
		}
	},
}
