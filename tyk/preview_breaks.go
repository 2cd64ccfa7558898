package tyk

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// podBreaks says what of a workload does not work once its pods are injected.
func (p *Preview) podBreaks(w Workload, c Controller) {
	p.portBreaks(w.Pods.Spec.Containers)
	p.sidecarBreaks(w, c)
	if !strings.HasPrefix(w.Route, "/") && w.App != "" {
		p.breaks(fmt.Sprintf("the route %q has no slash before it, and the gateway's router takes no such path: nothing on https://mesh leads here; write the annotation %s: /%s", w.Route, RouteKey, w.Route))
	}
	if w.Pods.Spec.HostNetwork {
		p.breaks("hostNetwork: the redirects of ports 80 and 443 then hold for everything on the node")
	}
	if w.Kind == "Job" || w.Kind == "CronJob" {
		p.breaks("the " + w.Kind + " never completes: its sidecar runs on")
	}
	if i := slices.IndexFunc(w.Pods.Spec.InitContainers, func(c corev1.Container) bool {
		return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	}); i >= 0 {
		p.breaks(fmt.Sprintf("init container %s was a sidecar, and without its restartPolicy the pod waits for it to end", w.Pods.Spec.InitContainers[i].Name))
	}
}

// portBreaks holds the application's ports against those of the mesh.
func (p *Preview) portBreaks(containers []corev1.Container) {
	var ports []int32
	for _, c := range containers {
		for _, port := range c.Ports {
			if port.Protocol == "" || port.Protocol == corev1.ProtocolTCP {
				ports = append(ports, port.ContainerPort)
			}
		}
	}
	if len(ports) > 0 && !slices.Contains(ports, AppPort) {
		p.breaks(fmt.Sprintf("no container has port %d: that is where the sidecar calls the application, whatever port it listens on", AppPort))
	}
	if slices.Contains(ports, SidecarPort) {
		p.breaks(fmt.Sprintf("a container has port %d, where the sidecar listens: one of the two cannot", SidecarPort))
	}
}

// sidecarBreaks says what of the configuration leaves the mesh without effect.
func (p *Preview) sidecarBreaks(w Workload, c Controller) {
	i := slices.IndexFunc(c.Injector.Containers, func(c corev1.Container) bool { return strings.EqualFold(c.Name, SidecarName) })
	if i < 0 {
		p.breaks("the configuration adds no container " + SidecarName + ": whatever it adds is given no tags, so loads no API definition of this workload")
		return
	}
	if ssl := ServesTLS(c.Injector.Containers[i]); ssl != c.Injector.EnableMeshTLS {
		p.breaks(fmt.Sprintf("the sidecar's %s is %t and enableMeshTLS is %t: one side of every call speaks TLS and the other does not", UseSSLEnv, ssl, c.Injector.EnableMeshTLS))
	}
}
