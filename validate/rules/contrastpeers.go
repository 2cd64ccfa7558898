package rules

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type toldKey struct{ of *bundle.Object }

// told are the texts that tell the pod's own containers whom to call.
func (c contrastPod) told(p *validate.Pass) []variable {
	return validate.Once(p, toldKey{c.object}, func() []variable { return texts(p, c.template, c.own()) })
}

// A callee is a pod of the files behind a port of a Service.
type callee struct {
	contrastPod
	target int // the port of the pod; 0 where its name is not the pod's
}

// behind are the pods of the files that a Service's port leads to; it is not open where it has no such port.
func behind(p *validate.Pass, s traffic.Of[*corev1.Service], number int) (all []callee, open bool) {
	if s.Spec.Spec.ClusterIP == corev1.ClusterIPNone { // its name means the pods themselves
		for _, t := range podsOf(p, s) {
			all = append(all, callee{t, number})
		}
		return all, true
	}
	for _, port := range s.Spec.Spec.Ports {
		if int(port.Port) != number || !isTCP(port.Protocol) {
			continue
		}
		for _, t := range podsOf(p, s) {
			all = append(all, callee{t, t.target(port)})
		}
		return all, true
	}
	return nil, len(s.Spec.Spec.Ports) == 0
}

// podsOf are the pods of the files that a Service selects.
func podsOf(p *validate.Pass, s traffic.Of[*corev1.Service]) []contrastPod {
	if len(s.Spec.Spec.Selector) == 0 {
		return nil
	}
	var all []contrastPod
	for _, t := range templates(p) {
		if t.namespace != s.ID.Namespace || !within(s.Spec.Spec.Selector, t.Metadata.Labels) {
			continue
		}
		all = append(all, contrastOf(p, t))
	}
	return all
}

// contrastOf is what the files say of a pod and Contrast, which may be nothing.
func contrastOf(p *validate.Pass, t template) contrastPod {
	type key struct{}
	of := validate.Once(p, key{}, func() map[*bundle.Object]contrastPod {
		of := map[*bundle.Object]contrastPod{}
		for _, c := range contrastPods(p) {
			if _, there := of[c.object]; !there {
				of[c.object] = c
			}
		}
		return of
	})
	if c, there := of[t.object]; there {
		return c
	}
	return contrastPod{template: t}
}

// target is the port of the pod that a Service's port leads to.
func (t template) target(port corev1.ServicePort) int {
	switch {
	case port.TargetPort.Type == intstr.String:
		return t.port(port.TargetPort.StrVal)
	case port.TargetPort.IntVal != 0:
		return int(port.TargetPort.IntVal)
	}
	return int(port.Port)
}

// ownTLS tells whether the application itself is told of the certificates that the mesh's Coordinator gives the pod.
func (c contrastPod) ownTLS(p *validate.Pass) bool {
	return slices.ContainsFunc(c.told(p), func(v variable) bool {
		return slices.ContainsFunc(contrast.Generations, func(g contrast.Generation) bool {
			return strings.Contains(v.value, g.Names().CertificateFolder)
		})
	})
}

// asksFor is a pod of the files behind a Service's port that asks its clients for some TLS.
func asksFor(p *validate.Pass, s traffic.Of[*corev1.Service], port corev1.ServicePort, kinds ...contrast.TLS) (callee, bool) {
	pods, _ := behind(p, s, int(port.Port))
	for _, to := range pods {
		if to.mesh == nil || !to.sure() || !to.mesh.Injected && to.mesh.Sidecar < 0 || to.target == 0 {
			continue
		}
		for _, tls := range kinds {
			if to.tls(to.target) == tls {
				return to, true
			}
		}
	}
	return callee{}, false
}
