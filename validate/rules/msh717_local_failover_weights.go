package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh717 = validate.Rule{
	ID: "MSH717", Name: "local-failover-weights", Category: validate.Peer, Severity: validate.Info, Border: true,
	Title: "an imported service shares its name with one of this cluster",
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, i := range importedHosts(p) {
			for _, s := range p.Objects.Services {
				if s.ID.Name+"."+s.ID.Namespace+".svc.cluster.local" != i.Host {
					continue
				}
				for _, set := range p.Objects.Imports {
					if set.ID != i.Set {
						continue
					}
					p.Report(validate.Finding{
						Place:       p.At(set.Object, i.Field),
						Message:     fmt.Sprintf("%s imports a service as %s, which %s is too", set.ID, i.Host, s.ID),
						Consequence: "calls go to both meshes, a share for each endpoint: of the other mesh that is its egress gateway, however many are behind it",
						Fix:         "give it an alias of its own, unless that is meant; a VirtualService can then say the shares",
						Related:     []validate.Place{p.At(s.Object, "metadata.name")},
					})
				}
			}
		}
	},
}
