package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk/blob/v2.8.4/vendor/github.com/gorilla/mux/route.go: a path must start with a slash,
// and a route that does not matches nothing.
var msh834 = validate.Rule{
	ID: "MSH834", Name: "tyk-route-slash", Category: validate.NoRoute, Severity: validate.Error, Anywhere: true,
	Title: "a route of Tyk's mesh does not begin with a slash",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			if w.app == "" || strings.HasPrefix(w.route, "/") {
				continue
			}
			f := validate.Finding{
				Place:       p.At(w.object, w.annotation(tyk.RouteKey)),
				Message:     fmt.Sprintf("the route of %s is %q, and sidecars match paths, which begin with a slash", w.object.ID, w.route),
				Consequence: fmt.Sprintf("the sidecars load the API definition, and never lead a call by it: %s is 404", w.called()),
				Fix:         fmt.Sprintf("write %s: /%s", tyk.RouteKey, w.route),
				Edits:       []validate.Edit{{Object: p.At(w.object, "").Object, Field: w.annotation(tyk.RouteKey), Value: "/" + w.route}},
			}
			if _, written := w.Metadata.Annotations[tyk.RouteKey]; !written {
				f.Message = fmt.Sprintf("%s has no annotation %s, and tyk-k8s takes its label app for the route, without the slash that paths begin with", w.object.ID, tyk.RouteKey)
			}
			p.Report(f)
		}
	},
}
