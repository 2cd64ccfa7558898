package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh840 = validate.Rule{
	ID: "MSH840", Name: "tyk-grant-no-tls", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "callers are to be told apart by certificates, in a mesh of Tyk without TLS",
	Check: func(p *validate.Pass) {
		if on, known := tykTLS(p); on || !known {
			return
		}
		for _, g := range tykGrants(p) {
			var related []validate.Place
			for _, c := range tykConfigs(p) {
				if c.has("Injector") {
					related = append(related, c.place(p, "Injector.enableMeshTLS"))
				}
			}
			p.Report(validate.Finding{
				Place:       g.at,
				Message:     fmt.Sprintf("%s says who may call it, and its mesh has no last-mile TLS (enableMeshTLS: false), in which callers would show who they are", g.object.ID),
				Consequence: "whoever reaches port 8080 of the workload calls it",
				Fix:         "set enableMeshTLS: true, with the section CA; or keep callers away by a NetworkPolicy",
				Related:     related,
			})
		}
	},
}
