package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh802 = validate.Rule{
	ID: "MSH802", Name: "tyk-app-label", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a workload of Tyk's mesh has no label app",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			if w.app != "" {
				continue
			}
			name := w.object.Name
			if services := w.services(p); len(services) == 1 {
				name = services[0].ID.Name
			}
			at := p.At(w.object, w.at("metadata.labels"))
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("the pods of %s have no label app, by which tyk-k8s names their API definitions, their host and the tag of their sidecar", w.object.ID),
				Consequence: "the webhook refuses each pod (app label is required), so that none starts; where it makes no routes (createRoutes: false), the sidecar has a tag of which there is no API",
				Fix:         fmt.Sprintf("give the pods the label app: %s, which must be the name of their Service", name),
				Edits:       []validate.Edit{{Object: at.Object, Field: w.at("metadata.labels.app"), Value: name}},
			})
		}
	},
}
