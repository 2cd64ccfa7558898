package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh720 = validate.Rule{
	ID: "MSH720", Name: "import-locality", Category: validate.Peer, Severity: validate.Warning, Border: true,
	Title: "the locality of imports says a part and not what it is a part of",
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, s := range p.Objects.Imports {
			l := s.Spec.Spec.Locality
			if l == nil {
				continue
			}
			lacks := ""
			switch {
			case l.Region == "" && (l.Zone != "" || l.Subzone != ""):
				lacks = "region"
			case l.Zone == "" && l.Subzone != "":
				lacks = "zone"
			default:
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(s.Object, "spec.locality"),
				Message:     fmt.Sprintf("%s gives a locality without a %s", s.ID, lacks),
				Consequence: "istiod drops the locality: what is said of failover between localities does not count for imported services",
				Fix:         "add the " + lacks + ", or take the locality out",
			})
		}
	},
}
