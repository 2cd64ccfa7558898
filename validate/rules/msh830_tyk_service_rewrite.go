package rules

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh830 = validate.Rule{
	ID: "MSH830", Name: "tyk-service-rewrite", Category: validate.Other, Severity: validate.Info, Anywhere: true,
	Title: "tyk-k8s puts another port in the place of a Service's own",
	Check: func(p *validate.Pass) {
		for _, s := range p.Objects.Services {
			if !rewritten(s) || len(s.Spec.Spec.Ports) != 1 {
				continue
			}
			port := s.Spec.Spec.Ports[0]
			lost := []string{fmt.Sprintf("port %d", port.Port)}
			if port.Name != "" {
				lost = append(lost, "its name "+port.Name+", by which ServiceMonitors, Ingresses and probes may find it")
			}
			if port.NodePort != 0 {
				lost = append(lost, fmt.Sprintf("nodePort %d, in whose place another is given", port.NodePort))
			}
			if port.Protocol != "" && port.Protocol != corev1.ProtocolTCP {
				lost = append(lost, fmt.Sprintf("protocol %s, in whose place is TCP", port.Protocol))
			}
			if port.AppProtocol != nil {
				lost = append(lost, "appProtocol "+*port.AppProtocol)
			}
			p.Report(validate.Finding{
				Place:       p.At(s.Object, "spec.ports[0]"),
				Message:     fmt.Sprintf("the port of %s becomes %s %d, at the sidecar; gone is %s", s.ID, tyk.SidecarPortName, tyk.SidecarPort, strings.Join(lost, "; ")),
				Consequence: "who calls the Service from outside the mesh calls the sidecar, by the new port; it is the same again each time that the Service is applied",
				Fix:         "write the port as it will be, where that is to be plain to readers: port 8080, targetPort 8080",
			})
		}
	},
}
