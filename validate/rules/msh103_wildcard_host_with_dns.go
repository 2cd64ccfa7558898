package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh103 = validate.Rule{
	ID: "MSH103", Name: "wildcard-host-with-dns", Category: validate.WildcardDNS, Severity: validate.Error,
	Title: "a wildcard is to be resolved by DNS",
	Check: func(p *validate.Pass) {
		for _, e := range p.Objects.ServiceEntries {
			i := slices.IndexFunc(e.Spec.Hosts, wildcard)
			if i < 0 || len(e.Spec.Endpoints) > 0 || e.Spec.WorkloadSelector != nil ||
				e.Spec.Resolution != networking.ServiceEntry_DNS && e.Spec.Resolution != networking.ServiceEntry_DNS_ROUND_ROBIN {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(e.Object, "spec.resolution"),
				Message:     fmt.Sprintf("%s is to resolve %s by DNS, and a wildcard without endpoints is no name that can be resolved", e.ID, e.Spec.Hosts[i]),
				Consequence: "Istio refuses the ServiceEntry; where nobody checks it, the proxy has no address to send to: 503",
				Fix:         "set resolution NONE, if sidecars call the hosts directly; or list the hosts; or give one endpoint that serves all of them",
			})
		}
	},
	// What becomes of requests to it is that mistake.
	Of:      []traffic.Cause{traffic.NothingToResolve},
	Explain: func(*validate.Pass, *validate.Break) bool { return true },
}
