package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh831 = validate.Rule{
	ID: "MSH831", Name: "tyk-capture", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the redirect of Tyk's mesh takes what it must not",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			if !w.Spec.HostNetwork {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(w.object, w.at("spec.hostNetwork")),
				Message:     fmt.Sprintf("the pods of %s use the node's network, and the init container of tyk-k8s would redirect ports 80 and 443 of all that the node sends", w.object.ID),
				Consequence: "the node's own programs lose their way out, the pulling of images among them, until the rules are flushed by hand: removing the pod leaves them",
				Fix:         "take the pods off the node's network, or out of the mesh",
				Edits:       []validate.Edit{{Object: p.At(w.object, "").Object, Field: w.annotation(tyk.InjectKey)}},
			})
		}
		for _, c := range tykConfigs(p) {
			sidecar, path, ok := c.sidecar()
			if !ok {
				continue
			}
			for i, e := range sidecar.Env {
				for _, u := range traffic.URLs(e.Value) {
					if to, redirected := tyk.Redirected(u.Port); redirected && to == tyk.SidecarPort {
						p.Report(validate.Finding{
							Place:       c.place(p, fmt.Sprintf("%s.env[%d]", path, i)),
							Message:     fmt.Sprintf("%s has the sidecar call port %d of %s, which the redirect of its own pod leads back to it", e.Name, u.Port, u.Host),
							Consequence: "the sidecar never gets its API definitions or policies: it answers each call with 404",
							Fix:         "have it call a port that is neither 80 nor 443, such as 3000 of the Dashboard's Service",
						})
					}
				}
			}
		}
	},
}
