package rules

import (
	"fmt"
	"strings"

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
		for _, path := range p.Paths {
			gateway := egress(path)
			if gateway == nil {
				continue
			}
			for _, o := range p.Objects.All {
				field := map[string]string{
					"ServiceMeshControlPlane": "spec.proxy.networking.trafficControl.outbound.policy",
					"Istio":                   "spec.values.meshConfig.outboundTrafficPolicy.mode",
				}[o.Kind]
				if field == "" {
					continue
				}
				p.Report(validate.Shown(path, 0, validate.Finding{
					Place:       p.At(o, field),
					Message:     fmt.Sprintf("the files lead %s out by gateway %s, and %s lets out all else too (ALLOW_ANY)", path.Hops[0].Destination.Host, gateway.Workload, o.ID),
					Consequence: "what no ServiceEntry declares leaves straight from the sidecar, past the gateway, and nobody notices a missing declaration",
					Fix:         fmt.Sprintf("set %s to REGISTRY_ONLY, if the gateway is to be the only way out", strings.TrimPrefix(field, "spec.")),
				}))
				return
			}
		}
	},
}

// egress is the hop of a gateway by which a path from a sidecar leaves the mesh, or nil.
func egress(path traffic.Path) *traffic.Hop {
	if path.Request.From == traffic.Outside || path.Outcome.Code != traffic.Arrives && path.Outcome.Code != traffic.Unknown || len(path.Hops) < 3 {
		return nil
	}
	if last := &path.Hops[len(path.Hops)-1]; last.Proxy == traffic.Gateway && path.Hops[1].Proxy == traffic.Sidecar {
		return last
	}
	return nil
}
