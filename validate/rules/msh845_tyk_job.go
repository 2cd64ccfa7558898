package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh845 = validate.Rule{
	ID: "MSH845", Name: "tyk-job", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a Job in Tyk's mesh never comes to its end",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			if w.object.Kind != "Job" && w.object.Kind != "CronJob" {
				continue
			}
			at := p.At(w.object, w.annotation(tyk.InjectKey))
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("the pods of %s get a sidecar, which is an ordinary container and runs on when the others have ended", w.object.ID),
				Consequence: "the pod stays NotReady and the Job active, until activeDeadlineSeconds; a CronJob that forbids two at once does not run again",
				Fix:         "leave it out of the mesh, and have it call sidecars by their Services: http://APP.NAMESPACE:8080",
				Edits:       []validate.Edit{{Object: at.Object, Field: at.Field}},
			})
		}
	},
}
