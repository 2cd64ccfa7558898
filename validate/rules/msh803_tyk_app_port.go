package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh803 = validate.Rule{
	ID: "MSH803", Name: "tyk-app-port", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "the application does not listen on port 80, where Tyk's sidecar calls it",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			at, ports := listens(p, w)
			switch {
			case len(ports) > 0 && !slices.Contains(ports, tyk.AppPort):
				p.Report(validate.Finding{
					Place:       at,
					Message:     fmt.Sprintf("the application of %s listens on port %s, and the sidecar of tyk-k8s calls it on port 80 alone", w.object.ID, numbers(ports)),
					Consequence: "each call of it through the mesh ends in 500 (There was a problem proxying the request): connection refused on 127.0.0.1:80",
					Fix:         "let the application listen on port 80; the port is fixed in the init container of tyk-k8s, and no annotation changes it",
				})
			case slices.Contains(ports, tyk.AppPort):
				portForRoot(p, w)
			}
		}
	},
}

// listens are the TCP ports of the containers, or else those that Services lead to, with where the first is written.
func listens(p *validate.Pass, w tykPod) (at validate.Place, ports []int) {
	add := func(place validate.Place, port int) {
		if len(ports) == 0 {
			at = place
		}
		ports = append(ports, port)
	}
	named := map[string]int{}
	for i, c := range w.Spec.Containers {
		for j, port := range c.Ports {
			if port.Protocol == "" || port.Protocol == corev1.ProtocolTCP {
				named[port.Name] = int(int(port.ContainerPort))
				add(p.At(w.object, w.at(fmt.Sprintf("spec.containers[%d].ports[%d].containerPort", i, j))), int(port.ContainerPort))
			}
		}
	}
	services := w.services(p)
	_, routed := w.Metadata.Annotations[tyk.RouteKey]
	switch {
	case len(ports) > 0 && (len(services) > 0 || routed):
		return at, ports
	case len(ports) > 0:
		return at, nil // ports that nobody calls through the mesh
	}
	for _, s := range services {
		for i, port := range s.Spec.Spec.Ports {
			if number, ok := atPod(port, named); ok && !toSidecar(port) && s.ID.Name == w.app {
				add(p.At(s.Object, fmt.Sprintf("spec.ports[%d].targetPort", i)), number)
			}
		}
	}
	return at, ports
}

// atPod is the number of a Service's port at the pod, where it is known.
func atPod(port corev1.ServicePort, named map[string]int) (int, bool) {
	switch {
	case port.TargetPort.Type == intstr.String:
		number, ok := named[port.TargetPort.StrVal]
		return number, ok
	case port.TargetPort.IntVal == 0:
		return int(port.Port), true
	}
	return port.TargetPort.IntValue(), true
}
