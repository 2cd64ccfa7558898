package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// A contrastPod is the pod of an object that has to do with Contrast: it has configuration of its service mesh, or a runtime
// class of Contrast's.
type contrastPod struct {
	template
	// mesh is nil where the pod has no configuration of the mesh.
	mesh *contrast.Pod
	// held are variables of sidecars, by their field, that a ConfigMap of the files has.
	held map[string]variable
}

type contrastKey struct{}

// contrastMarks are in the text of whatever has to do with Contrast: what has none of them need not be taken apart.
var contrastMarks = [][]byte{[]byte("contrast"), []byte("CONTRAST_"), []byte("EDG_")}

// contrastPods are those of the files. The Coordinator is none: it gives the mesh its certificates, and has no sidecar.
func contrastPods(p *validate.Pass) []contrastPod {
	return validate.Once(p, contrastKey{}, func() []contrastPod {
		var all []contrastPod
		if slices.ContainsFunc(p.Objects.All, marked) {
			for _, t := range templates(p) {
				if !marked(t.object) || t.Metadata.Annotations["contrast.edgeless.systems/pod-role"] == "coordinator" {
					continue
				}
				if c := readContrast(p, t); c.mesh != nil || c.confidential() {
					all = append(all, c)
				}
			}
		}
		return all
	})
}

// meshedPods are those that have configuration of the mesh.
func meshedPods(p *validate.Pass) []contrastPod {
	return slices.DeleteFunc(slices.Clone(contrastPods(p)), func(c contrastPod) bool { return c.mesh == nil })
}

func marked(o *bundle.Object) bool {
	return slices.ContainsFunc(contrastMarks, func(mark []byte) bool { return bytes.Contains(o.JSON, mark) })
}

// readContrast reads a pod's configuration, with what ConfigMaps of the files give its sidecar.
func readContrast(p *validate.Pass, t template) contrastPod {
	c := contrastPod{template: t, held: map[string]variable{}}
	w := contrast.Workload{Annotations: metadata(t.object).Annotations, TemplateField: t.field, TemplateAnnotations: t.Metadata.Annotations, Spec: t.Spec}
	w.Spec.InitContainers, w.Spec.Containers = c.filled(p, "spec.initContainers", t.Spec.InitContainers), c.filled(p, "spec.containers", t.Spec.Containers)
	c.mesh = contrast.Read(w)
	return c
}

// filled are containers with the values of the mesh's variables that ConfigMaps have.
func (c contrastPod) filled(p *validate.Pass, field string, containers []corev1.Container) []corev1.Container {
	all := slices.Clone(containers)
	for i := range all {
		all[i].Env = slices.Clone(all[i].Env)
		for j, e := range all[i].Env {
			if e.ValueFrom == nil || e.ValueFrom.ConfigMapKeyRef == nil || !meshVariable(e.Name) {
				continue
			}
			ref := e.ValueFrom.ConfigMapKeyRef
			if of, ok := configMapsOf(p)[c.namespace+"/"+ref.Name]; ok {
				if text, ok := of.Spec.Data[ref.Key]; ok {
					all[i].Env[j] = corev1.EnvVar{Name: e.Name, Value: text}
					c.held[c.at(fmt.Sprintf("%s[%d].env[%d].value", field, i, j))] = variable{e.Name, text, of.Object, fmt.Sprintf("data[%q]", ref.Key)}
				}
			}
		}
	}
	return all
}

// meshVariable tells whether a sidecar of any generation reads a variable.
func meshVariable(name string) bool {
	return slices.ContainsFunc(contrast.Generations, func(g contrast.Generation) bool {
		n := g.Names()
		return name == n.IngressEnv || name == n.EgressEnv || name == n.AdminPortEnv
	})
}

// confidential tells whether the pod runs by a runtime class of Contrast's.
func (c contrastPod) confidential() bool {
	return c.Spec.RuntimeClassName != nil && strings.HasPrefix(*c.Spec.RuntimeClassName, contrast.RuntimeClassPrefix)
}

// source is the configuration that counts, or, where none does, the one that would with a runtime class of Contrast's.
func (c contrastPod) source() contrast.Source {
	if s := c.mesh.Effective(); s != nil {
		return *s
	}
	return c.mesh.Sources[0]
}

// sure tells whether the files say all that the sidecar is told, and it starts with that.
func (c contrastPod) sure() bool {
	s := c.source()
	return c.told(s) && !s.Faults.Crash()
}

// told tells whether the files say all of a source.
func (c contrastPod) told(s contrast.Source) bool {
	open := bundle.HasGap(s.Ingress.Text) || bundle.HasGap(s.Egress.Text) || bundle.HasGap(s.AdminPort.Text)
	return !s.Elsewhere() && !open && !c.fromElsewhere(s)
}

// fromElsewhere tells whether a sidecar gets variables by whole ConfigMaps or Secrets, which may be any.
func (c contrastPod) fromElsewhere(s contrast.Source) bool {
	return slices.ContainsFunc(c.containers(), func(one container) bool { return c.at(one.field) == s.Container && len(one.EnvFrom) > 0 })
}

// where is the place of a string of the pod's configuration.
func (c contrastPod) where(p *validate.Pass, v contrast.Value) validate.Place {
	if held, ok := c.held[v.Field]; ok {
		return p.At(held.object, held.field)
	}
	return p.At(c.object, v.Field)
}

// of names the pod where a finding is at another object.
func (c contrastPod) of(at validate.Place) string {
	if id := c.object; at.Object.Kind == id.Kind && at.Object.Name == id.Name && at.Object.Namespace == id.Namespace {
		return ""
	}
	return " of " + c.object.ID.String()
}

// rewritten puts another text in the place of a string, in annotations and in the sidecar that was made of them; nil
// removes it.
func (c contrastPod) rewritten(p *validate.Pass, field contrast.Field, text any) []validate.Edit {
	var edits []validate.Edit
	was := c.source().Value(field)
	for _, s := range c.mesh.Sources {
		if v := s.Value(field); v.Set && v.Text == was.Text {
			at := c.where(p, v)
			edits = append(edits, validate.Edit{Object: at.Object, Field: at.Field, Value: text})
		}
	}
	return edits
}

// tls is what a client must speak to reach a port.
func (c contrastPod) tls(port int) contrast.TLS {
	if c.mesh == nil {
		return contrast.NoTLS
	}
	s := c.source()
	return s.Generation.InboundAt(s.Config, port).TLS
}

// A container is one of a pod, with its field of the pod.
type container struct {
	corev1.Container
	field string
}

// containers are those of the pod, in the order in which they start.
func (t template) containers() []container {
	var all []container
	for i, c := range t.Spec.InitContainers {
		all = append(all, container{c, fmt.Sprintf("spec.initContainers[%d]", i)})
	}
	for i, c := range t.Spec.Containers {
		all = append(all, container{c, fmt.Sprintf("spec.containers[%d]", i)})
	}
	return all
}

// own are the pod's containers without those of the mesh.
func (c contrastPod) own() []container {
	if c.mesh == nil {
		return c.containers()
	}
	return slices.DeleteFunc(c.containers(), func(one container) bool {
		return slices.ContainsFunc(c.mesh.Sources, func(s contrast.Source) bool { return s.Container == c.at(one.field) }) ||
			one.field == fmt.Sprintf("spec.initContainers[%d]", c.mesh.Initializer)
	})
}

// port is the number of a container's port by its name; 0 where there is none.
func (t template) port(name string) int {
	for _, c := range t.containers() {
		for _, one := range c.Ports {
			if one.Name == name {
				return int(one.ContainerPort)
			}
		}
	}
	return 0
}

// stringNames are what people call the strings of a configuration.
var stringNames = map[contrast.Field]string{contrast.InIngress: "ingress configuration", contrast.InEgress: "egress configuration", contrast.InAdminPort: "admin port"}
