package rules

import (
	"fmt"
	"slices"

	netv1 "k8s.io/api/networking/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

var msh901 = validate.Rule{
	ID: "MSH901", Name: "registry-only-is-not-a-firewall", Category: validate.Other, Severity: validate.Info,
	Title: "the way out is enforced by the client's own sidecar alone",
	Check: func(p *validate.Pass) {
		_, allowAny, _ := p.Index.Mesh()
		if allowAny || slices.ContainsFunc(p.Objects.All, func(o *bundle.Object) bool { return firewalls[o.Kind] }) {
			return
		}
		told := map[string]bool{}
		for _, path := range p.Paths {
			gateway := egress(path)
			if gateway == nil {
				continue
			}
			client := path.Hops[0].Workload
			pod, ok := p.Index.Pod(client)
			if !ok || pod.Assumed || told[pod.Namespace] || len(policiesOn(p, pod, netv1.PolicyTypeEgress)) > 0 {
				continue
			}
			told[pod.Namespace] = true
			d, ok := validate.Decided(&path.Hops[1], "VirtualService")
			if !ok {
				continue
			}
			p.Report(validate.Shown(path, 2, validate.Finding{
				Place:       p.Of(d),
				Message:     fmt.Sprintf("nothing in the files but the sidecar itself keeps %s from going out past gateway %s: no NetworkPolicy holds for its pods", client, gateway.Workload),
				Consequence: "REGISTRY_ONLY is a setting of the client's own proxy: a process in the pod that gets around it (as user 1337, or by an excluded port) reaches any address",
				Fix:         fmt.Sprintf("write a NetworkPolicy with policyTypes [Egress] for the pods of %s that admits the gateway, istiod, the name servers and what else they call in the cluster", client),
				Edits:       onlyWayOut(p, pod, p.Object(d)),
			}))
		}
	},
}

// firewalls are the kinds that close the way out of namespaces on the network of OpenShift and others.
var firewalls = map[string]bool{
	"EgressFirewall": true, "EgressNetworkPolicy": true, "AdminNetworkPolicy": true, "BaselineAdminNetworkPolicy": true,
	"CiliumNetworkPolicy": true, "CiliumClusterwideNetworkPolicy": true, "GlobalNetworkPolicy": true,
}
