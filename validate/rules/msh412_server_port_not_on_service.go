package rules

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh412 = validate.Rule{
	ID: "MSH412", Name: "server-port-not-on-service", Category: validate.Dangling, Severity: validate.Error,
	Title: "no Gateway opens the port that the request goes to, or no Service leads to the one it opens",
	Check: func(p *validate.Pass) {
		for _, pod := range gatewayPods(p) {
			services := servicesOf(p, pod)
			if len(services) == 0 || pod.HostNetwork {
				continue // the files do not tell how the pod is called
			}
			for _, s := range serversOf(p, pod) {
				if leadsTo(services, s) {
					continue
				}
				number := s.GetPort().GetNumber()
				f := validate.Finding{
					Severity:    validate.Warning,
					Place:       p.At(s.of.Object, s.field+".port.number"),
					Message:     fmt.Sprintf("%s opens port %d of gateway %s, and %s has no port that leads there", s.of.ID, number, podName(pod), services[0].ID),
					Consequence: "nobody can call the port but by the pod's own address",
					Fix:         fmt.Sprintf("add port %d to %s, or write a port that it has", number, services[0].ID),
					Related:     []validate.Place{p.At(services[0].Object, "spec.ports")},
				}
				if len(services) == 1 {
					f.Edits = []validate.Edit{opened(p, services[0], int(number), int(number), s.GetPort().GetProtocol())}
				}
				for _, path := range p.Paths {
					u, err := url.Parse(path.Request.To)
					if path.Outcome.Cause == traffic.RoutePort && path.Request.From == traffic.Outside && len(path.Hops) == 1 && err == nil && u.Port() == strconv.Itoa(int(number)) {
						f = validate.Shown(path, 1, f)
						f.Severity = validate.Error
						break
					}
				}
				p.Report(f)
			}
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH412", gatewayMiss(p, b)) },
}

// servicesOf are the Services of the files that lead to a pod.
func servicesOf(p *validate.Pass, pod traffic.Pod) []traffic.Of[*corev1.Service] {
	return slices.DeleteFunc(slices.Clone(p.Objects.Services), func(s traffic.Of[*corev1.Service]) bool {
		return s.ID.Namespace != pod.Namespace || len(s.Spec.Spec.Selector) == 0 || !within(s.Spec.Spec.Selector, pod.Labels)
	})
}

// leadsTo tells whether a Service leads to a server: by the server's number, or by the port of the pod that it means.
func leadsTo(services []traffic.Of[*corev1.Service], s placed) bool {
	number := int(s.GetPort().GetNumber())
	return slices.ContainsFunc(services, func(one traffic.Of[*corev1.Service]) bool {
		return slices.ContainsFunc(one.Spec.Spec.Ports, func(port corev1.ServicePort) bool {
			return int(port.Port) == number || port.TargetPort.IntValue() == number || strings.Trim(port.TargetPort.StrVal, "0123456789") != ""
		})
	})
}
