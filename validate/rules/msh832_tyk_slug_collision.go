package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh832 = validate.Rule{
	ID: "MSH832", Name: "tyk-slug-collision", Category: validate.Duplicate, Severity: validate.Error, Anywhere: true,
	Title: "two workloads of Tyk's mesh have one label app, and so the same API definitions",
	Check: func(p *validate.Pass) {
		first := map[string]tykPod{}
		for _, w := range tykPods(p) {
			one, known := first[w.app]
			if !known || w.app == "" {
				first[w.app] = w
				continue
			}
			f := validate.Finding{
				Place:   p.At(w.object, w.at("metadata.labels.app")),
				Related: []validate.Place{p.At(one.object, one.at("metadata.labels.app"))},
			}
			switch {
			case w.namespace != one.namespace:
				f.Message = fmt.Sprintf("%s and %s have the label app: %[3]s, and tyk-k8s names API definitions by it without the namespace: both have %[3]s-inbound and %[3]s-mesh", w.object.ID, one.object.ID, w.app)
				f.Consequence = fmt.Sprintf("whichever starts first makes them, for its own host; the other's sidecar then has no API for %s.NAMESPACE, and all calls go to the first", w.app)
				f.Fix = "give one of them another label app, and its Service that name"
			case w.route != one.route:
				f.Place = p.At(w.object, w.annotation(tyk.RouteKey))
				f.Message = fmt.Sprintf("%s and %s are one workload to tyk-k8s, by their label app: %s, and have the routes %s and %s", w.object.ID, one.object.ID, w.app, w.route, one.route)
				f.Consequence = "the route of whichever starts first counts, and the other is never read"
				f.Fix = fmt.Sprintf("write one route for both: %s", one.route)
				f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: one.route}}
			default:
				continue // versions of one workload
			}
			p.Report(f)
		}
	},
}
