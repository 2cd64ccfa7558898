package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh905 = validate.Rule{
	ID: "MSH905", Name: "gateway-hosts-star", Category: validate.Other, Severity: validate.Warning,
	Title: "any namespace may claim any host at a shared gateway",
	Check: func(p *validate.Pass) {
		for _, g := range p.Objects.Gateways {
			if !slices.ContainsFunc(g.Spec.Servers, func(s *networking.Server) bool { return slices.ContainsFunc(s.Hosts, anyHost) }) {
				continue
			}
			var users, led []string
			for _, r := range p.Objects.VirtualServices {
				if r.ID.Namespace != g.ID.Namespace && binds(r, g) && !slices.Contains(users, r.ID.Namespace) {
					users = append(users, r.ID.Namespace)
				}
			}
			if len(users) < 2 {
				continue
			}
			slices.Sort(users)
			for _, r := range boundTo(p, g.ID.Namespace+"/"+g.ID.Name) {
				for _, h := range r.Spec.Hosts {
					led = append(led, r.ID.Namespace+"/"+h)
				}
			}
			slices.Sort(led)
			led = slices.Compact(led)
			for i, s := range g.Spec.Servers {
				for j, h := range s.Hosts {
					if !anyHost(h) {
						continue
					}
					p.Report(validate.Finding{
						Place:       p.At(g.Object, fmt.Sprintf("spec.servers[%d].hosts[%d]", i, j)),
						Message:     fmt.Sprintf("%s takes any host, of VirtualServices of any namespace, and those of %s use it", g.ID, strings.Join(users, ", ")),
						Consequence: "whoever may write a VirtualService in one namespace can lead the host of another to itself: of two for one host, the older counts",
						Fix:         "list the hosts with the namespace that may lead them, here " + strings.Join(led, ", "),
						Edits:       []validate.Edit{instead(g, i, j, led)},
					})
				}
			}
		}
	},
}

// anyHost tells whether a host of a Gateway is any, of any namespace.
func anyHost(host string) bool { return host == "*" || host == "*/*" }
