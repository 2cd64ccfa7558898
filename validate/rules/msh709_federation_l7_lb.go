package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh709 = validate.Rule{
	ID: "MSH709", Name: "federation-l7-lb", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "federation goes through something that ends TLS or speaks HTTP",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			for i, address := range one.Spec.Spec.Remote.Addresses {
				f := validate.Finding{
					Place:       p.At(one.Object, fmt.Sprintf("spec.remote.addresses[%d]", i)),
					Consequence: "the router takes ports 80 and 443 only, and knows no route for the names that federation asks for by SNI: neither discovery nor calls get through",
					Fix:         "write the address of the peer's own balancer or of its nodes, which pass TCP on as it comes",
				}
				switch {
				case routeByHand(p, address), p.Peer != nil && routeByHand(p.Peer, address):
					f.Message = fmt.Sprintf("%s reaches the peer at %s, which is the host of a Route: OpenShift's router is there", one.ID, address)
				case strings.Contains(address, ".apps."):
					f.Severity = validate.Warning
					f.Message = fmt.Sprintf("%s reaches the peer at %s: below apps. is usually OpenShift's router", one.ID, address)
				default:
					continue
				}
				p.Report(f)
			}
			for _, way := range wayGateways(p, one) {
				if way.in {
					way.balancer(p)
				}
			}
		}
	},
}

// balancer reports annotations by which a cloud's balancer ends TLS or speaks HTTP.
func (g wayGateway) balancer(p *validate.Pass) {
	const of = "service.beta.kubernetes.io/aws-load-balancer-"
	annotations := g.Service.Metadata.Annotations
	for _, key := range []string{of + "ssl-cert", of + "backend-protocol"} {
		value, there := annotations[key]
		if !there || key == of+"backend-protocol" && value == "tcp" {
			continue
		}
		field := fmt.Sprintf("%s.service.metadata.annotations[%q]", g.field, key)
		p.Report(validate.Finding{
			Place:       p.At(g.plane.object, field),
			Message:     fmt.Sprintf("the balancer of gateway %s of %s does not pass TLS on as it comes (%s)", g.name, planeID(g.plane), strings.TrimPrefix(key, "service.beta.kubernetes.io/")),
			Consequence: "the two meshes' mutual TLS ends at the balancer, which has no certificate of either: discovery and calls fail",
			Fix:         "take the annotation out; aws-load-balancer-type: nlb passes TCP on",
			Edits:       set(p, g.plane.object, field, nil), Safe: true,
		})
	}
}
