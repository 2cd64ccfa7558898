package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh818 = validate.Rule{
	ID: "MSH818", Name: "tyk-app-service", Category: validate.Dangling, Severity: validate.Error, Anywhere: true,
	Title: "no Service has the name by which Tyk's sidecars call a workload",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			services := w.services(p)
			if w.app == "" || slices.ContainsFunc(services, func(s tykService) bool { return s.ID.Name == w.app }) {
				continue
			}
			f := validate.Finding{
				Place:       p.At(w.object, w.at("metadata.labels.app")),
				Consequence: fmt.Sprintf("calls of %s end in 500 (There was a problem proxying the request): the name does not resolve, or others answer", w.called()),
			}
			other, there := serviceNamed(p, fullName(w.app, w.namespace))
			switch {
			case there && len(other.Spec.Spec.Selector) > 0:
				f.Message = fmt.Sprintf("sidecars call %s at %s, by its label app, and %s leads to other pods", w.object.ID, w.host(), other.ID)
				f.Fix = fmt.Sprintf("have spec.selector of %s fit the pods, or give them another label app", other.ID)
				f.Related = []validate.Place{p.At(other.Object, "spec.selector")}
			case !there && len(services) > 0:
				f.Message = fmt.Sprintf("sidecars call %s at %s, by its label app, and the Service that leads to its pods is %s", w.object.ID, w.host(), services[0].ID)
				f.Fix = fmt.Sprintf("name the Service %s, or give the pods the label app: %s", w.app, services[0].ID.Name)
				f.Related = []validate.Place{p.At(services[0].Object, "metadata.name")}
			default:
				continue // whoever has no Service need not be called
			}
			p.Report(f)
		}
	},
}
