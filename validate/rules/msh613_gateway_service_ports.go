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
			c, port := lack.plane.object, lack.port()
			p.Report(validate.Finding{
				Place:       p.At(lack.gateway.Object, lack.server+".port.number"),
				Message:     fmt.Sprintf("%s has a server on port %d, and %s gives that gateway's Service the ports %s", lack.gateway.ID, lack.number, c.ID, lack.portText()),
				Consequence: "the gateway listens there, but nobody reaches it by its Service: a route to that port ends with 503, and connections from outside are refused",
				Fix:         fmt.Sprintf("add port %d with targetPort %v to %s.service.ports of %s; or use one that is there", lack.number, port["targetPort"], lack.field, c.ID),
				Related:     []validate.Place{p.At(c, lack.field+".service.ports")},
				Edits:       []validate.Edit{{Object: p.At(c, "").Object, Field: fmt.Sprintf("%s.service.ports[%d]", lack.field, len(lack.Service.Ports)), Value: port}},
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

// port is one for the server. Gateways do not run as root, so that in the pods is 1024 or more, as 8443 is behind 443.
func (lack closedServer) port() map[string]any {
	name, target := lack.gateway.Spec.Servers[atIndex(lack.server)].GetPort().GetName(), lack.number
	if target < 1024 {
		target += 8000
	}
	for _, one := range lack.Service.Ports {
		if one.Name == name {
			name = fmt.Sprintf("%s-%d", name, lack.number)
		}
	}
	return map[string]any{"name": name, "port": lack.number, "targetPort": target}
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
