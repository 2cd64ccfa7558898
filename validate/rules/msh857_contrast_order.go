package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

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
		}
		for _, o := range outgoings(p) {
			if o.mesh.Injected || o.mesh.Sidecar >= 0 {
				calledTooEarly(p, o)
			}
		}
	},
}

// calledTooEarly reports init containers that call by the sidecar before it runs: it is the last of them where `contrast
// generate` adds it.
func calledTooEarly(p *validate.Pass, o outgoing) {
	before := len(o.Spec.InitContainers)
	if !o.mesh.Injected {
		before = o.mesh.Sidecar
	}
	names, port := socketNames(o.Listen)
	for _, one := range o.own() {
		first := slices.IndexFunc(o.Spec.InitContainers, func(i corev1.Container) bool { return i.Name == one.Name })
		if first < 0 || first >= before || always(one.Container) {
			continue
		}
		for _, m := range mentions(texts(p, o.template, []container{one}), names, port) {
			at := p.At(m.object, m.field)
			p.Report(validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("init container %s%s calls %s, and runs before the sidecar that is to listen there", one.Name, o.of(at), o.Listen),
				Consequence: "connection refused: the init container fails, and the pod stays in Init",
				Fix:         "let the application do it, once it runs; or write the sidecar into the pod yourself, before that init container, and leave the annotations away",
			})
		}
	}
}
