package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh605 = validate.Rule{
	ID: "MSH605", Name: "ior-duplicate-route", Category: validate.Duplicate, Severity: validate.Warning,
	Title: "two Routes claim one host",
	Check: func(p *validate.Pass) {
		first := map[string]int{}
		for i, r := range p.Objects.Routes {
			key := strings.ToLower(r.Spec.Spec.Host) + r.Spec.Spec.Path
			at, known := first[key]
			if !known {
				first[key] = i
				continue
			}
			if other := p.Objects.Routes[at]; r.Spec.Spec.Host != "" {
				p.Report(validate.Finding{
					Place:       p.At(r.Object, "spec.host"),
					Message:     fmt.Sprintf("%s and %s claim %s", r.ID, other.ID, key),
					Consequence: "the router admits the older one and rejects the other (HostAlreadyClaimed)",
					Fix:         "leave one of them, or give them different hosts or paths",
					Related:     []validate.Place{p.At(other.Object, "spec.host")},
				})
			}
		}
		operatorsOwn(p)
		on, said := automaticRoutes(p)
		if !on {
			return
		}
		severity, whether := validate.Info, fmt.Sprintf("where the control plane makes Routes of Gateways, as it does by default on %s, the one of", p.Target.Name)
		if said {
			severity, whether = validate.Warning, "the one that the control plane makes (gateways.openshiftRoute) of"
		}
		claimed := map[string][]gatewayOf{}
		for _, g := range p.Objects.Gateways {
			if routed(g) {
				for _, h := range hostsOf(g) {
					claimed[h] = append(claimed[h], g)
				}
			}
		}
		for _, r := range p.Objects.Routes {
			if r.Spec.Labels["maistra.io/generated-by"] == "ior" {
				continue
			}
			for _, g := range claimed[strings.ToLower(r.Spec.Spec.Host)] {
				f := validate.Finding{
					Place: p.At(r.Object, "spec.host"), Severity: severity,
					Message:     fmt.Sprintf("%s claims %s; %s %s claims it too", r.ID, r.Spec.Spec.Host, whether, g.ID),
					Consequence: "the router admits the older one and rejects the other (HostAlreadyClaimed): which of them counts depends on what was applied first",
					Fix:         fmt.Sprintf(`annotate %s with maistra.io/manageRoute: "false", or drop the Route`, g.ID),
					Related:     []validate.Place{p.At(g.Object, "metadata.annotations")},
				}
				// The annotation takes away the Routes of all hosts: it is safe where each has one by hand.
				if p.Target.Has(mesh.ManageRouteAnnotation) && !slices.ContainsFunc(hostsOf(g), func(h string) bool { return !routeByHand(p, h) }) {
					f.Safe = true
					f.Edits = []validate.Edit{{
						Object: validate.Object{Kind: g.ID.Kind, Namespace: g.Object.Namespace, Name: g.ID.Name},
						Field:  `metadata.annotations["maistra.io/manageRoute"]`, Value: "false",
					}}
				}
				p.Report(f)
			}
		}
	},
}
