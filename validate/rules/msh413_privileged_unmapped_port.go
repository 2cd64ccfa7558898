package rules

import (
	"fmt"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh413 = validate.Rule{
	ID: "MSH413", Name: "privileged-unmapped-port", Category: validate.Other, Severity: validate.Error,
	Title: "a port below 1024 on a gateway that may not open it",
	Check: func(p *validate.Pass) {
		for _, pod := range gatewayPods(p) {
			d := unprivileged(p, podName(pod))
			if d == nil {
				continue
			}
			for _, s := range serversOf(p, pod) {
				if s.listens >= 1024 {
					continue
				}
				number := s.GetPort().GetNumber()
				f := validate.Finding{
					Place:       p.At(s.of.Object, s.field+".port.number"),
					Message:     fmt.Sprintf("%s opens port %d, and no Service leads it to a port above 1023 of gateway %s, which says that it has no privileges (ISTIO_META_UNPRIVILEGED_POD)", s.of.ID, number, podName(pod)),
					Consequence: "istiod makes no listener, and says so in its log only: connection refused",
					Fix:         fmt.Sprintf("add port %d with a targetPort of 1024 or more, such as %d, to the gateway's Service", number, 8000+number),
					Related:     []validate.Place{p.At(d, "spec.template.spec.containers")},
				}
				if services := servicesOf(p, pod); len(services) == 1 {
					f.Fix, f.Edits = raised(p, services[0], number, s.GetPort().GetProtocol())
				}
				p.Report(f)
			}
		}
	},
}

// unprivileged is a gateway's Deployment, where that says that it may not open ports below 1024, or nil.
func unprivileged(p *validate.Pass, name string) *bundle.Object {
	for i, o := range p.Objects.All {
		if o.Kind != "Deployment" || o.Namespace+"/"+o.Name != name {
			continue
		}
		d, ok := p.Objects.Typed[i].(*appsv1.Deployment)
		if !ok {
			return nil
		}
		for _, c := range d.Spec.Template.Spec.Containers {
			for _, e := range c.Env {
				if off, _ := strconv.ParseBool(e.Value); e.Name == "ISTIO_META_UNPRIVILEGED_POD" && off {
					return o
				}
			}
		}
	}
	return nil
}

// raised is the edit by which a Service leads a port to one above 1023.
func raised(p *validate.Pass, s traffic.Of[*corev1.Service], number uint32, protocol string) (fix string, edits []validate.Edit) {
	target := int(8000 + number)
	for i, port := range s.Spec.Spec.Ports {
		if port.Port == int32(number) {
			return fmt.Sprintf("set targetPort %d, or another above 1023, for port %d of %s", target, number, s.ID),
				[]validate.Edit{{Object: p.At(s.Object, "").Object, Field: fmt.Sprintf("spec.ports[%d].targetPort", i), Value: target}}
		}
	}
	return fmt.Sprintf("add port %d with targetPort %d, or another above 1023, to %s", number, target, s.ID), []validate.Edit{opened(p, s, int(number), target, protocol)}
}
