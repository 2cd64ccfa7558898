package rules

import (
	"slices"

	"github.com/meshscenario/scenario/validate"
)

var msh117 = validate.Rule{
	ID: "MSH117", Name: "gateway-name-or-host", Category: validate.Schema, Severity: validate.Error,
	Title: "a name or host that a Gateway cannot have",
	Check: func(p *validate.Pass) {
		for _, f := range refused(p)["MSH117"] {
			if namesRefused(p, f) {
				continue // the Gateway is what is to be renamed
			}
			fullyNamed(p, &f)
			p.Report(f)
		}
	},
}

// namesRefused says whether a VirtualService is refused for the name of a Gateway that is refused itself.
func namesRefused(p *validate.Pass, f validate.Finding) bool {
	if f.Object.Kind != "VirtualService" {
		return false
	}
	return slices.ContainsFunc(refused(p)["MSH117"], func(g validate.Finding) bool {
		return g.Field == "metadata.name" && slices.ContainsFunc(boundTo(p, g.Object.Namespace+"/"+g.Object.Name), func(r routesOf) bool {
			return r.ID.Namespace == f.Object.Namespace && r.ID.Name == f.Object.Name
		})
	})
}
