package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk/blob/v2.8.4/api_loader.go: where custom domains are on, a router for each domain.
var msh827 = validate.Rule{
	ID: "MSH827", Name: "tyk-host", Category: validate.NoRoute, Severity: validate.Error, Anywhere: true,
	Title: "a call through Tyk's mesh has another host than mesh",
	Check: func(p *validate.Pass) {
		if !byDomain(p) {
			return
		}
		for _, w := range tykPods(p) {
			for _, c := range tykCalls(p, w.template) {
				callee, route, ok := meshedAt(p, w, c)
				if !c.captured() || !ok || callee == w.host() {
					continue
				}
				with := c.toMesh(p) + route
				fix := "call " + with
				if callee == "" && c.Host != tyk.MeshHosts[1] {
					fix += fmt.Sprintf("; where the application is to call itself, write port %d, which leads to its port %d", tyk.InboundPort, tyk.AppPort)
				}
				p.Report(validate.Finding{
					Place:       c.at,
					Message:     fmt.Sprintf("%s calls %s, which its sidecar takes, and the API definitions by which others are called have the domain %s", w.object.ID, c, meshHost),
					Consequence: lostTo(p, c),
					Fix:         fix,
					Edits:       c.instead(with),
				})
			}
		}
	},
}

// meshedAt tells whether a call means the mesh, though not by its name, or a workload of it: which, and its route.
func meshedAt(p *validate.Pass, from tykPod, c tykCall) (callee, route string, ok bool) {
	switch {
	case c.Host == tyk.MeshHosts[1], c.Host == "localhost", strings.HasPrefix(c.Host, "127."):
		return "", "", true
	}
	s, ok := tykCalled(p, from.namespace, c)
	if !ok || !tyk.Meshed(s.ID.Namespace, s.Spec.Annotations) {
		return "", "", false
	}
	w, ok := tykPodOf(p, s.ID.Name, s.ID.Namespace)
	return w.host(), "/" + strings.Trim(w.route, "/"), ok
}
