package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh613 = validate.Rule{
	ID: "MSH613", Name: "gateway-service-ports", Category: validate.Dangling, Severity: validate.Error,
	Title: "the control plane gives the gateway's Service no such port",
	Check: func(p *validate.Pass) {
		if !p.Target.BuiltInGateways {
			return
		}
		for _, c := range planes(p) {
			for _, at := range c.gateways() {
				if len(at.Service.Ports) == 0 {
					continue // those of the operator, which differ from version to version
				}
				for _, g := range p.Objects.Gateways {
					if len(g.Spec.Selector) == 0 || !within(g.Spec.Selector, at.labels) {
						continue
					}
					for i, s := range g.Spec.Servers {
						if number := int(s.GetPort().GetNumber()); !at.opens(number) {
							field := fmt.Sprintf("spec.servers[%d].port.number", i)
							p.Report(validate.Finding{
								Place:       p.At(g.Object, field),
								Message:     fmt.Sprintf("%s has a server on port %d, and %s gives that gateway's Service the ports %s", g.ID, number, c.object.ID, at.portText()),
								Consequence: "the gateway listens there, but nobody reaches it by its Service: connections time out or are refused",
								Fix:         fmt.Sprintf("add port %d to %s.service.ports of %s, with a targetPort of 1024 or more; or use one that is there", number, at.field, c.object.ID),
								Related:     []validate.Place{p.At(c.object, at.field+".service.ports")},
							})
						}
					}
				}
			}
		}
	},
}

// opens tells whether a server's number is a port of the gateway's Service, or one that it leads to.
func (g planeGatewayAt) opens(number int) bool {
	for _, one := range g.Service.Ports {
		if one.Port == number || one.TargetPort.IntValue() == number {
			return true
		}
	}
	return false
}

func (g planeGatewayAt) portText() string {
	var all []string
	for _, one := range g.Service.Ports {
		all = append(all, fmt.Sprint(one.Port))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}
