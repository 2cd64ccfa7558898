package rules

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh804 = validate.Rule{
	ID: "MSH804", Name: "tyk-service-annotation", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "of a workload and its Service, only one is taken into Tyk's mesh",
	Check: func(p *validate.Pass) {
		for _, w := range tykPods(p) {
			for _, s := range w.services(p) {
				if s.ID.Name == w.app && !tyk.Meshed(s.ID.Namespace, s.Spec.Annotations) && !slices.ContainsFunc(s.Spec.Spec.Ports, toSidecar) {
					past(p, w, s)
				}
			}
		}
		for _, s := range p.Objects.Services {
			if rewritten(s) {
				nowhere(p, s)
			}
		}
	},
}

// past reports a Service that leads past the sidecars.
func past(p *validate.Pass, w tykPod, s tykService) {
	f := validate.Finding{
		Place:       p.At(s.Object, "metadata.annotations"),
		Message:     fmt.Sprintf("%s is taken into Tyk's mesh, and its %s is not: callers' sidecars call port %d of it, which it does not have", w.object.ID, s.ID, tyk.SidecarPort),
		Consequence: fmt.Sprintf("calls of %s end in 500 (There was a problem proxying the request), while who calls the Service itself gets past the sidecar", w.called()),
		Fix:         fmt.Sprintf("annotate %s with %s: \"true\"", s.ID, tyk.InjectKey),
		Related:     []validate.Place{p.At(w.object, w.annotation(tyk.InjectKey))},
	}
	if len(s.Spec.Spec.Ports) == 1 {
		f.Edits = []validate.Edit{{Object: p.At(s.Object, "").Object, Field: injectField, Value: "true"}}
	}
	p.Report(f)
}

// nowhere reports a Service that is led to sidecars that its pods do not have.
func nowhere(p *validate.Pass, s tykService) {
	var without []template
	for _, t := range templatesOf(p, s) {
		sidecar := func(c corev1.Container) bool {
			return slices.ContainsFunc(c.Ports, func(port corev1.ContainerPort) bool { return port.ContainerPort == tyk.SidecarPort })
		}
		// What listens on the port takes the calls, be it no sidecar.
		if !tyk.Asked(t.Metadata.Annotations) && !slices.ContainsFunc(t.Spec.Containers, sidecar) {
			without = append(without, t)
		}
	}
	if len(without) == 0 {
		return
	}
	p.Report(validate.Finding{
		Place:       p.At(s.Object, injectField),
		Message:     fmt.Sprintf("%s is taken into Tyk's mesh, so that it leads to port %d alone, and the pods of %s have no sidecar that listens there", s.ID, tyk.SidecarPort, without[0].object.ID),
		Consequence: "whoever calls the Service is refused the connection",
		Fix:         fmt.Sprintf("annotate the pods of %s with %s: \"true\" too, or take the annotation off the Service", without[0].object.ID, tyk.InjectKey),
		Related:     []validate.Place{p.At(without[0].object, without[0].at("metadata"))},
		Edits:       []validate.Edit{{Object: p.At(s.Object, "").Object, Field: injectField}},
	})
}
