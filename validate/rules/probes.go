package rules

import (
	corev1 "k8s.io/api/core/v1"
)

// A handler is something that the kubelet does with a container from outside the pod, with its field of the container.
type handler struct {
	field, what string
	http        *corev1.HTTPGetAction
	tcp         *corev1.TCPSocketAction
	grpc        *corev1.GRPCAction
}

func handlers(c corev1.Container) []handler {
	var all []handler
	probe := func(field string, p *corev1.Probe) {
		if p != nil {
			all = append(all, handler{field, field, p.HTTPGet, p.TCPSocket, p.GRPC})
		}
	}
	hook := func(field string, h *corev1.LifecycleHandler) {
		if h != nil {
			all = append(all, handler{"lifecycle." + field, field + " hook", h.HTTPGet, h.TCPSocket, nil})
		}
	}
	probe("startupProbe", c.StartupProbe)
	probe("readinessProbe", c.ReadinessProbe)
	probe("livenessProbe", c.LivenessProbe)
	if c.Lifecycle != nil {
		hook("postStart", c.Lifecycle.PostStart)
		hook("preStop", c.Lifecycle.PreStop)
	}
	return all
}
