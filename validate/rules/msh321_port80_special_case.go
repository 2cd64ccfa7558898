package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh321 = validate.Rule{
	ID: "MSH321", Name: "port80-special-case", Category: validate.NoServiceEntry, Severity: validate.Warning,
	Title: "a route for a host that nothing declares counts by luck",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if len(path.Hops) < 2 || path.Hops[1].Proxy != traffic.Sidecar {
				continue
			}
			h, dialled := &path.Hops[1], path.Hops[0].Destination
			route, ok := validate.Decided(h, "VirtualService")
			client, _, _ := strings.Cut(h.Workload, "/")
			if !ok || !strings.HasPrefix(route.Field, "spec.http") || isService(p, fullName(dialled.Host, client)) || strings.HasSuffix(dialled.Host, ".svc.cluster.local") {
				continue
			}
			seen := slices.ContainsFunc(entriesFor(p, dialled.Host), func(e traffic.Of[*networking.ServiceEntry]) bool {
				return p.Index.Exported("ServiceEntry", e.Spec.ExportTo, e.ID.Namespace, client) &&
					slices.ContainsFunc(e.Spec.Ports, func(one *networking.ServicePort) bool { return int(one.Number) == dialled.Port })
			})
			if seen {
				continue
			}
			p.Report(validate.Shown(path, 2, validate.Finding{
				Place:       p.Of(route),
				Message:     fmt.Sprintf("%s is for %s, which no ServiceEntry declares on port %d for namespace %s", route, dialled.Host, dialled.Port, client),
				Consequence: "such a route counts on port 80 only, and only while something else that is declared is HTTP on port 80",
				Fix:         fmt.Sprintf("write a ServiceEntry with host %s and port %d, protocol HTTP", dialled.Host, dialled.Port),
			}))
		}
	},
}
