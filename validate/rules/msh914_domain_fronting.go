package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh914 = validate.Rule{
	ID: "MSH914", Name: "domain-fronting", Category: validate.SNI, Severity: validate.Info,
	Title: "who goes out is told by the SNI alone",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			gateway := egress(path)
			if gateway == nil {
				continue
			}
			g, field := serverFor(p, gateway)
			if g.Object == nil {
				continue
			}
			s := g.Spec.Servers[atIndex(field)]
			if s.GetTls().GetMode() != networking.ServerTLSSettings_PASSTHROUGH {
				continue
			}
			for i, h := range s.Hosts {
				if wildcard(withoutNamespace(h)) {
					p.Report(validate.Shown(path, len(path.Hops), validate.Finding{
						Place:       p.At(g.Object, fmt.Sprintf("%s.hosts[%d]", field, i)),
						Message:     fmt.Sprintf("%s passes TLS for %s through unopened: it sees the SNI, and not whom the request inside is for", g.ID, h),
						Consequence: "a workload may send an SNI that is let out, and in the TLS ask a host behind the same servers that is not",
						Fix:         "name the hosts; or end the TLS at the gateway and make it anew, where the rule is to be a barrier",
					}))
				}
			}
		}
	},
}
