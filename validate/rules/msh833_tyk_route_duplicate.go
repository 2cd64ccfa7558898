package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk/blob/v2.8.4/api_loader.go, processSpec
var msh833 = validate.Rule{
	ID: "MSH833", Name: "tyk-route-duplicate", Category: validate.Duplicate, Severity: validate.Error, Anywhere: true,
	Title: "two workloads of Tyk's mesh have one route",
	Check: func(p *validate.Pass) {
		first := map[string]tykPod{}
		for _, w := range tykPods(p) {
			if w.app == "" {
				continue
			}
			route := strings.TrimSuffix(w.route, "/")
			one, known := first[route]
			if !known {
				first[route] = w
			}
			if !known || one.app == w.app {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(w.object, w.annotation(tyk.RouteKey)),
				Message:     fmt.Sprintf("%s and %s both have the route %s on the host %s", w.object.ID, one.object.ID, w.route, meshHost),
				Consequence: fmt.Sprintf("each sidecar takes one of the two, or neither, off the path: it renames what it loads to %s-ID (Listen path collision), so that calls go to the other workload or end in 404", w.route),
				Fix:         fmt.Sprintf("give each a route of its own, such as /%s", w.app),
				Related:     []validate.Place{p.At(one.object, one.annotation(tyk.RouteKey))},
				Edits:       []validate.Edit{{Object: p.At(w.object, "").Object, Field: w.annotation(tyk.RouteKey), Value: "/" + w.app}},
			})
		}
	},
}
