package rules

import (
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh428 = validate.Rule{
	ID: "MSH428", Name: "envoyfilter-present", Category: validate.Other, Severity: validate.Info,
	Title: "an EnvoyFilter changes a proxy on the way, beyond what can be followed",
	Check: func(p *validate.Pass) {
		root, _, _ := p.Index.Mesh()
		for _, e := range p.Objects.EnvoyFilters {
			if !slices.ContainsFunc(e.Spec.ConfigPatches, patchesWay) {
				continue
			}
			if path, n, ok := crosses(p, e, root); ok {
				p.Report(validate.Shown(path, n, validate.Finding{
					Place:       p.At(e.Object, "spec.configPatches"),
					Message:     fmt.Sprintf("%s patches the proxy of %s, which requests of this bundle go through: what it does to them is not followed", e.ID, path.Hops[n-1].Workload),
					Consequence: "what is said of such requests holds only if the patch changes nothing about where they go and by which TLS",
					Fix:         "compare with istioctl proxy-config listeners, routes and clusters of that pod; where Istio's own objects can say the same, use them",
				}))
			}
		}
	},
}

// patchesWay tells whether a patch may change where requests go, or by which TLS.
func patchesWay(c *networking.EnvoyFilter_EnvoyConfigObjectPatch) bool {
	switch c.ApplyTo {
	case networking.EnvoyFilter_LISTENER, networking.EnvoyFilter_FILTER_CHAIN, networking.EnvoyFilter_LISTENER_FILTER,
		networking.EnvoyFilter_NETWORK_FILTER, networking.EnvoyFilter_HTTP_FILTER, networking.EnvoyFilter_ROUTE_CONFIGURATION,
		networking.EnvoyFilter_VIRTUAL_HOST, networking.EnvoyFilter_HTTP_ROUTE, networking.EnvoyFilter_CLUSTER:
		return true
	}
	return false
}

// crosses is a path with a hop at a proxy that an EnvoyFilter selects, and the number of the hop.
func crosses(p *validate.Pass, e traffic.Of[*networking.EnvoyFilter], root string) (*traffic.Path, int, bool) {
	labels := e.Spec.GetWorkloadSelector().GetLabels()
	if len(e.Spec.GetTargetRefs()) > 0 {
		return nil, 0, false // of waypoints and Gateway API gateways, which are not followed
	}
	for _, path := range p.Paths {
		for i, h := range path.Hops {
			if h.Proxy != traffic.Sidecar && h.Proxy != traffic.Gateway {
				continue
			}
			pod, ok := p.Index.Pod(h.Workload)
			if ok && within(labels, pod.Labels) && (e.ID.Namespace == pod.Namespace || e.ID.Namespace == root) && p.Index.Member(e.ID.Namespace) {
				return path, i + 1, true
			}
		}
	}
	return nil, 0, false
}
