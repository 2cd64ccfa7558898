package tyk

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// SidecarPortName is the name of the port that a Service is left with.
const SidecarPortName = "tyk-sidecar"

// PreviewService is what the injector makes of a Service: its one port becomes the sidecar's. Of one with several ports
// it makes something that is no Service: the patch adds an object where the list of ports was. The annotations stay as they
// are, without a status.
func PreviewService(s corev1.Service) Preview {
	p := Preview{Service: *s.DeepCopy()}
	if !Meshed(s.Namespace, s.Annotations) {
		return p
	}
	switch n := len(s.Spec.Ports); {
	case n == 0:
		p.Refused = "the API server refuses the Service: the injector's patch replaces its first port, and it has none"
		return p
	case n > 1:
		p.Refused = fmt.Sprintf("the API server refuses the Service: with %d ports, the injector's patch puts one object where the list was; leave one port", n)
		return p
	}
	old := s.Spec.Ports[0]
	// The target is a number of type int, as the zero value of IntOrString's type has it.
	p.Service.Spec.Ports[0] = corev1.ServicePort{Name: SidecarPortName, Port: SidecarPort, TargetPort: intstr.FromInt32(SidecarPort)}
	if old.Name == SidecarPortName && old.Port == SidecarPort {
		return p
	}
	p.change(fmt.Sprintf("port %s became %s %d", portName(old), SidecarPortName, SidecarPort))
	p.change(fmt.Sprintf("from outside the mesh, and in an Ingress or a Route, the port is %d now", SidecarPort))
	if old.NodePort != 0 {
		p.breaks(fmt.Sprintf("nodePort %d is lost, and another is given", old.NodePort))
	}
	return p
}

func portName(p corev1.ServicePort) string {
	if p.Name == "" {
		return fmt.Sprint(p.Port)
	}
	return fmt.Sprintf("%s %d", p.Name, p.Port)
}
