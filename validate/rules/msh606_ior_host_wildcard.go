package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh606 = validate.Rule{
	ID: "MSH606", Name: "ior-host-wildcard", Category: validate.Other, Severity: validate.Warning,
	Title: "a Route is made of a host that is a wildcard",
	Check: func(p *validate.Pass) {
		on, said := automaticRoutes(p)
		if !on {
			return
		}
		severity, whether := validate.Info, "where the control plane makes Routes of Gateways, as it does by default, "
		if said {
			severity, whether = validate.Warning, ""
		}
		for _, g := range p.Objects.Gateways {
			if !routed(g) {
				continue
			}
			for i, s := range g.Spec.Servers {
				for j, h := range s.Hosts {
					f := validate.Finding{Place: p.At(g.Object, fmt.Sprintf("spec.servers[%d].hosts[%d]", i, j)), Severity: severity}
					switch host := withoutNamespace(h); {
					case host == "*":
						f.Message = fmt.Sprintf(`%sthe Route for host "*" of %s gets a host that OpenShift makes up`, whether, g.ID)
						f.Consequence = "the router knows that name only: requests to any other have no Route, and are answered with 503"
						f.Fix = "name the hosts that are called"
					case strings.HasPrefix(host, "*."):
						f.Message = fmt.Sprintf("%sthe Route for %s of %s has wildcardPolicy Subdomain", whether, host, g.ID)
						f.Consequence = "a router admits it only if its administrator allows wildcards (wildcardPolicy WildcardsAllowed); else no name of the domain has a Route"
						f.Fix = "name the hosts that are called; or have wildcards allowed in the IngressController"
					default:
						continue
					}
					if led := hostsLed(p, g, h); len(led) > 0 {
						f.Fix = strings.Replace(f.Fix, "name the hosts that are called", "name the hosts that VirtualServices lead on: "+strings.Join(led, ", "), 1)
						f.Edits = []validate.Edit{instead(g, i, j, led)}
					}
					f.Fix += fmt.Sprintf(`; or annotate %s with maistra.io/manageRoute: "false" and write the Routes yourself`, g.ID)
					p.Report(f)
				}
			}
		}
	},
}
