package rules

import (
	"bytes"
	"fmt"
	"slices"

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
