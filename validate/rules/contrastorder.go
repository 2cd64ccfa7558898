package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// sidecarOrder looks at the containers of the mesh themselves.
func sidecarOrder(p *validate.Pass, c contrastPod) {
	report := func(field string, f validate.Finding) {
		f.Place = p.At(c.object, c.at(field))
		p.Report(f)
	}
	at := p.At(c.object, "").Object
	i := c.mesh.Sidecar
	field := fmt.Sprintf("spec.initContainers[%d]", i)
	switch {
	case i < 0:
		for j, one := range c.Spec.Containers {
			field := fmt.Sprintf("spec.containers[%d]", j)
			if c.isSidecar(field) {
				report(field, validate.Finding{
					Severity:    validate.Warning,
					Message:     fmt.Sprintf("the sidecar (%s) is one of the ordinary containers", one.Name),
					Consequence: "it starts along with the application: what that calls or takes before the sidecar is ready fails, or passes it by",
					Fix:         "make it the last of initContainers, with restartPolicy: Always",
				})
			}
		}
		return
	case !always(c.Spec.InitContainers[i]):
		report(field, validate.Finding{
			Message:     fmt.Sprintf("the sidecar (%s) has no restartPolicy: Always", c.Spec.InitContainers[i].Name),
			Consequence: "Kubernetes waits for an init container to end before it starts the next, and a proxy does not end: the pod stays in Init",
			Fix:         "set restartPolicy: Always, which makes it a sidecar (Kubernetes 1.29 or later)",
			Edits:       []validate.Edit{{Object: at, Field: c.at(field + ".restartPolicy"), Value: string(corev1.ContainerRestartPolicyAlways)}},
		})
	}
	if j := c.mesh.Initializer; j > i {
		report(field, validate.Finding{
			Severity:    validate.Warning,
			Message:     fmt.Sprintf("the sidecar (%s) comes before the initializer (%s)", c.Spec.InitContainers[i].Name, c.Spec.InitContainers[j].Name),
			Consequence: "it has no certificate when it starts, and stops, until the initializer has fetched one",
			Fix:         "put the initializer first, and the sidecar last of the init containers",
			Edits:       c.reordered(p, j, i),
		})
	}
}

// isSidecar tells whether a container, by its field of the pod, is the mesh's.
func (c contrastPod) isSidecar(field string) bool {
	return slices.ContainsFunc(c.mesh.Sources, func(s contrast.Source) bool { return s.Container == c.at(field) })
}

func always(c corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// reordered moves an init container to another place.
func (c contrastPod) reordered(p *validate.Pass, from, to int) []validate.Edit {
	field := c.at("spec.initContainers")
	list, _ := fieldValue(c.object, field).([]any)
	if from >= len(list) || to >= len(list) {
		return nil
	}
	moved := slices.Insert(slices.Delete(slices.Clone(list), from, from+1), to, list[from])
	return []validate.Edit{{Object: p.At(c.object, "").Object, Field: field, Value: moved}}
}
