package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh618 = validate.Rule{
	ID: "MSH618", Name: "smcp-outbound-vs-scenario", Category: validate.Other, Severity: validate.Info,
	Title: "the way out is planned, and the mesh lets everything out",
	Check: func(p *validate.Pass) {
		if _, allowAny, _ := p.Index.Mesh(); !allowAny {
			return
		}
		field := map[string]string{
			"ServiceMeshControlPlane": "spec.proxy.networking.trafficControl.outbound.policy",
			"Istio":                   "spec.values.meshConfig.outboundTrafficPolicy.mode",
		}
		i := slices.IndexFunc(p.Objects.All, func(o *bundle.Object) bool { return field[o.Kind] != "" })
		if i < 0 {
			return
		}
		o := p.Objects.All[i]
		for _, path := range p.Paths {
			if gateway := egress(path); gateway != nil {
				p.Report(validate.Shown(path, 0, validate.Finding{
					Place:       p.At(o, field[o.Kind]),
					Message:     fmt.Sprintf("the files lead %s out by gateway %s, and %s lets out all else too (ALLOW_ANY)", path.Hops[0].Destination.Host, gateway.Workload, o.ID),
					Consequence: "what no ServiceEntry declares leaves straight from the sidecar, past the gateway, and nobody notices a missing declaration",
					Fix:         fmt.Sprintf("set %s of %s to REGISTRY_ONLY, if the gateway is to be the only way out: what is called must then be declared", field[o.Kind], o.ID),
					Edits:       []validate.Edit{{Object: p.At(o, "").Object, Field: field[o.Kind], Value: "REGISTRY_ONLY"}},
				}))
				return
			}
		}
	},
}

// egress is the hop of a gateway by which a path from a sidecar leaves the mesh, or nil.
func egress(path *traffic.Path) *traffic.Hop {
	if path.Request.From == traffic.Outside || path.Outcome.Code != traffic.Arrives && path.Outcome.Code != traffic.Unknown || len(path.Hops) < 3 {
		return nil
	}
	if last := &path.Hops[len(path.Hops)-1]; last.Proxy == traffic.Gateway && path.Hops[1].Proxy == traffic.Sidecar {
		return last
	}
	return nil
}
