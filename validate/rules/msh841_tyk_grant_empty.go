package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh841 = validate.Rule{
	ID: "MSH841", Name: "tyk-grant-empty", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "a workload of Tyk's mesh lets nobody call it",
	Check: func(p *validate.Pass) {
		for _, g := range tykGrants(p) {
			if len(g.groups) == 0 {
				p.Report(validate.Finding{
					Place:       g.at,
					Message:     fmt.Sprintf("%s names no group that may call it, and so none may", g.object.ID),
					Consequence: "each call through the mesh is refused at the handshake, once grants are rendered",
					Fix:         "name the groups of its callers; or remove the annotation, where everybody may call it",
					Edits:       []validate.Edit{{Object: g.at.Object, Field: g.at.Field}},
				})
			}
		}
	},
}
