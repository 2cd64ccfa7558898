package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s/blob/master/injector/injector.go, mutateService
var msh829 = validate.Rule{
	ID: "MSH829", Name: "tyk-multi-port", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "tyk-k8s cannot change a Service that has not exactly one port",
	Check: func(p *validate.Pass) {
		for _, s := range p.Objects.Services {
			ports := len(s.Spec.Spec.Ports)
			if !rewritten(s) || ports == 1 {
				continue
			}
			f := validate.Finding{
				Place:       p.At(s.Object, "spec.ports"),
				Message:     fmt.Sprintf("%s has %d ports, and tyk-k8s puts a single port where the list of them is", s.ID, ports),
				Consequence: "the API server refuses the Service: spec.ports is no list any more",
				Fix:         "leave it one port, and give the others to a second Service without the annotation, which then leads past the sidecar",
			}
			if ports == 0 {
				f.Message = fmt.Sprintf("%s has no port, and tyk-k8s replaces the first of them", s.ID)
				f.Consequence = "the API server refuses the Service: the webhook's patch does not apply"
				f.Fix = fmt.Sprintf("give it one, or take the annotation %s off", tyk.InjectKey)
				f.Edits = []validate.Edit{{Object: f.Object, Field: injectField}}
			}
			p.Report(f)
		}
	},
}
