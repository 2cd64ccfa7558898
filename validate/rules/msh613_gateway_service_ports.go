package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh613 = validate.Rule{
	ID: "MSH613", Name: "gateway-service-ports", Category: validate.Dangling, Severity: validate.Error,
	Title:   "the control plane gives the gateway's Service no such port",
	Of:      []traffic.Cause{traffic.UnknownPort},
	Special: true,
	// A way that ends for want of such a port is told of by Check, at the Gateway.
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, _ := b.Last()
		c := clusterOf(last)
		for _, lack := range closedServers(p) {
			name := "istio-" + lack.labels["istio"]
			if c.port == lack.number && strings.HasPrefix(c.host, name+".") {
				return true
			}
		}
		return false
	},
	Check: func(p *validate.Pass) {
		for _, lack := range closedServers(p) {
			c := lack.plane.object
			p.Report(validate.Finding{
				Place:       p.At(lack.gateway.Object, lack.server+".port.number"),
				Message:     fmt.Sprintf("%s has a server on port %d, and %s gives that gateway's Service the ports %s", lack.gateway.ID, lack.number, c.ID, lack.portText()),
				Consequence: "the gateway listens there, but nobody reaches it by its Service: a route to that port ends with 503, and connections from outside are refused",
				Fix:         fmt.Sprintf("add port %d to %s.service.ports of %s, with a targetPort of 1024 or more; or use one that is there", lack.number, lack.field, c.ID),
				Related:     []validate.Place{p.At(c, lack.field+".service.ports")},
			})
		}
	},
}

// A closedServer is one of a Gateway on a port that the control plane does not give the gateway's Service.
type closedServer struct {
	planeGatewayAt
	gateway gatewayOf
	server  string
	number  int
}

func closedServers(p *validate.Pass) []closedServer {
	var all []closedServer
	if !p.Target.BuiltInGateways {
		return nil
	}
	for _, c := range planes(p) {
		for _, at := range c.gateways() {
			if len(at.Service.Ports) == 0 {
				continue // those of the operator, which differ from version to version
			}
			for _, g := range p.Objects.Gateways {
				for i, s := range g.Spec.Servers {
					if number := int(s.GetPort().GetNumber()); len(g.Spec.Selector) > 0 && within(g.Spec.Selector, at.labels) && !at.opens(number) {
						all = append(all, closedServer{at, g, fmt.Sprintf("spec.servers[%d]", i), number})
					}
				}
			}
		}
	}
	return all
}
