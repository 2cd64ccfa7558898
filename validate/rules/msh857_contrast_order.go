package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh857 = validate.Rule{
	ID: "MSH857", Name: "contrast-order", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "containers of a pod start before what they need of Contrast's mesh, or wait for it in vain",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			generated := c.mesh.Injected && c.mesh.Sidecar < 0
			if !generated {
				sidecarOrder(p, c)
			}
			if c.sure() && (generated || c.mesh.Sidecar >= 0) {
				calledTooEarly(p, c)
			}
		}
	},
}

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

// calledTooEarly reports init containers that call by the sidecar before it runs: it is the last of them where `contrast
// generate` adds it.
func calledTooEarly(p *validate.Pass, c contrastPod) {
	last := len(c.Spec.InitContainers)
	if c.mesh.Sidecar >= 0 && !c.mesh.Injected {
		last = c.mesh.Sidecar
	}
	for _, one := range c.own() {
		if !slices.ContainsFunc(c.Spec.InitContainers[:last], func(i corev1.Container) bool { return i.Name == one.Name && !always(i) }) {
			continue
		}
		told := texts(p, c.template, []container{one})
		for _, e := range c.source().Config.Egress {
			names, port := socketNames(e.Listen)
			if found := mentions(told, names, port); len(found) > 0 {
				m := found[0]
				at := p.At(m.object, m.field)
				p.Report(validate.Finding{
					Place:       at,
					Message:     fmt.Sprintf("init container %s%s calls %s, and runs before the sidecar that is to listen there", one.Name, c.of(at), e.Listen),
					Consequence: "connection refused: the init container fails, and the pod stays in Init",
					Fix:         "let the application do it, once it runs; or write the sidecar into the pod yourself, before that init container, and leave the annotations away",
				})
			}
		}
	}
}
