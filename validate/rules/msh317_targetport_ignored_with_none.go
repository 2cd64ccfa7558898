package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh317 = validate.Rule{
	ID: "MSH317", Name: "targetport-ignored-with-none", Category: validate.Other, Severity: validate.Error,
	Title: "targetPort does not count with resolution NONE on this version",
	Check: func(p *validate.Pass) {
		if p.Target.Has(mesh.SETargetPortWithNone) {
			return
		}
		for _, e := range p.Objects.ServiceEntries {
			if e.Spec.Resolution != networking.ServiceEntry_NONE {
				continue
			}
			for i, one := range e.Spec.Ports {
				if one.TargetPort == 0 || one.TargetPort == one.Number {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.ports[%d].targetPort", i)),
					Message:     fmt.Sprintf("%s sends what comes to port %d on to port %d, and with resolution NONE sidecars of this version read over that: they dial port %d", e.ID, one.Number, one.TargetPort, one.Number),
					Consequence: fmt.Sprintf("the request goes to port %d of the host, in the clear where TLS was to be made for port %d: refused, or 503", one.Number, one.TargetPort),
					Fix:         "set resolution DNS, if the hosts are no wildcards; or let a VirtualService lead to another port of the ServiceEntry",
				})
			}
		}
	},
}
