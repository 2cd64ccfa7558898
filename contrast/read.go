package contrast

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Read finds the mesh's configuration in a workload. It is nil where there is none: no annotation, no sidecar.
func Read(w Workload) *Pod {
	pod := &Pod{Initializer: -1, Sidecar: -1}
	if w.TemplateField == "" {
		pod.annotations(OnTemplate, "metadata.annotations", w.Annotations)
	} else {
		pod.annotations(OnTemplate, w.At("metadata.annotations"), w.TemplateAnnotations)
		pod.annotations(OnWorkload, "metadata.annotations", w.Annotations)
	}
	pod.Injected = len(pod.Sources) > 0 && w.Spec.RuntimeClassName != nil && strings.HasPrefix(*w.Spec.RuntimeClassName, RuntimeClassPrefix)
	for i, c := range w.Spec.InitContainers {
		if pod.sidecar(w.At(fmt.Sprintf("spec.initContainers[%d]", i)), c) && pod.Sidecar < 0 {
			pod.Sidecar = i
		}
		if isInitializer(c) && pod.Initializer < 0 {
			pod.Initializer = i
		}
	}
	for i, c := range w.Spec.Containers {
		pod.sidecar(w.At(fmt.Sprintf("spec.containers[%d]", i)), c)
	}
	if len(pod.Sources) == 0 {
		return nil
	}
	return pod
}

// annotations adds what annotations say, where any of the mesh's is there.
func (p *Pod) annotations(place Place, field string, all map[string]string) {
	value := func(key string) Value {
		text, set := all[key]
		return Value{Text: text, Field: fmt.Sprintf("%s[%q]", field, key), Set: set}
	}
	s := Source{Place: place, Generation: Current, Ingress: value(IngressAnnotation), Egress: value(EgressAnnotation), AdminPort: value(AdminPortAnnotation)}
	if s.Ingress.Set || s.Egress.Set || s.AdminPort.Set {
		p.add(s)
	}
}

// sidecar adds what a container's variables say, where it is a sidecar, and tells whether it is.
func (p *Pod) sidecar(field string, c corev1.Container) bool {
	found := false
	for _, g := range Generations {
		names := g.Names()
		value := func(name string) Value {
			for i, e := range slices.Backward(c.Env) { // the last of a name is the one that counts
				if e.Name == name {
					return Value{Text: e.Value, Field: fmt.Sprintf("%s.env[%d].value", field, i), Set: true, Elsewhere: e.ValueFrom != nil}
				}
			}
			return Value{Field: field}
		}
		s := Source{Place: InEnvironment, Generation: g, Container: field,
			Ingress: value(names.IngressEnv), Egress: value(names.EgressEnv), AdminPort: value(names.AdminPortEnv)}
		if s.Ingress.Set || s.Egress.Set || s.AdminPort.Set {
			p.add(s)
			found = true
		}
	}
	if g, is := bareSidecar(c); is && !found {
		none := Value{Field: field}
		p.add(Source{Place: InEnvironment, Generation: g, Container: field, Ingress: none, Egress: none, AdminPort: none})
		found = true
	}
	return found
}

// bareSidecar tells whether a container without any of the variables is a sidecar, and of which generation.
func bareSidecar(c corev1.Container) (Generation, bool) {
	switch {
	case c.Name == Current.Names().Sidecar:
		return Current, true
	case !strings.Contains(c.Image, "/contrast/service-mesh-proxy"):
		return "", false
	case slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == Legacy.Names().Mount }):
		return Legacy, true
	default:
		return Current, true
	}
}

// isInitializer tells whether a container fetches the workload's certificate.
func isInitializer(c corev1.Container) bool {
	return c.Name == Current.Names().Initializer || strings.Contains(c.Image, "/contrast/initializer")
}

func (p *Pod) add(s Source) {
	config, err := s.Generation.Parse(s.Strings())
	s.Config, s.Faults = config, FaultsOf(err)
	p.Sources = append(p.Sources, s)
}
