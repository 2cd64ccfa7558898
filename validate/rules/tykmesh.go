package rules

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// A tykPod is a workload that tyk-k8s takes into its mesh.
type tykPod struct {
	template
	app   string // its label app, by which API definitions and its host are named
	route string // its path on mesh; without the annotation, its app
}

// host is the name that sidecars of others call.
func (w tykPod) host() string { return w.app + "." + w.namespace }

// annotation is the field of an annotation of the pods.
func (w tykPod) annotation(key string) string {
	return w.at(fmt.Sprintf("metadata.annotations[%q]", key))
}

// called is how others call the workload by its route.
func (w tykPod) called() string { return meshHost + "/" + strings.TrimPrefix(w.route, "/") }

// tykPods are the files' workloads that tyk-k8s takes into its mesh.
func tykPods(p *validate.Pass) []tykPod {
	type key struct{}
	return validate.Once(p, key{}, func() []tykPod {
		var all []tykPod
		for _, t := range templates(p) {
			if tyk.Meshed(t.namespace, t.Metadata.Annotations) {
				w := tykPod{template: t, app: t.Metadata.Labels["app"], route: t.Metadata.Labels["app"]}
				if route, ok := t.Metadata.Annotations[tyk.RouteKey]; ok {
					w.route = route
				}
				all = append(all, w)
			}
		}
		return all
	})
}

// tykPodOf is the meshed workload of a label app and namespace, if the files have it.
func tykPodOf(p *validate.Pass, app, namespace string) (tykPod, bool) {
	all := tykPods(p)
	i := slices.IndexFunc(all, func(w tykPod) bool { return w.app == app && w.namespace == namespace })
	if i < 0 {
		return tykPod{}, false
	}
	return all[i], true
}

type tykService = traffic.Of[*corev1.Service]

// rewritten tells whether tyk-k8s changes the ports of a Service, which it does once: what it has made of one stays annotated.
func rewritten(s tykService) bool {
	return tyk.Meshed(s.ID.Namespace, s.Spec.Annotations) && !servesSidecar(s)
}

// servesSidecar tells whether a Service leads to the port of sidecars already, and to no other.
func servesSidecar(s tykService) bool {
	return len(s.Spec.Spec.Ports) == 1 && toSidecar(s.Spec.Spec.Ports[0])
}

func toSidecar(port corev1.ServicePort) bool {
	return port.Port == tyk.SidecarPort && (port.TargetPort.IntVal == tyk.SidecarPort || port.TargetPort.String() == "0")
}

// services are the Services that lead to the workload's pods.
func (w tykPod) services(p *validate.Pass) []tykService {
	return servicesOf(p, traffic.Pod{Namespace: w.namespace, Labels: w.Metadata.Labels})
}

// templatesOf are the files' pods to which a Service leads.
func templatesOf(p *validate.Pass, s tykService) []template {
	var all []template
	for _, t := range templates(p) {
		if s.ID.Namespace == t.namespace && len(s.Spec.Spec.Selector) > 0 && within(s.Spec.Spec.Selector, t.Metadata.Labels) {
			all = append(all, t)
		}
	}
	return all
}

// injectField is the field by which a Service is taken into the mesh.
var injectField = fmt.Sprintf("metadata.annotations[%q]", tyk.InjectKey)

// meshHost is the name by which a workload calls others through its sidecar.
var meshHost = tyk.MeshHosts[0]
