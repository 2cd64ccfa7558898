package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

const captureAnnotation = "traffic.sidecar.istio.io/"

var msh325 = validate.Rule{
	ID: "MSH325", Name: "capture-bypass", Category: validate.Other, Severity: validate.Error,
	Title: "the request does not pass the sidecar that is to protect or lead it",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			from, dialled := &path.Hops[0], path.Hops[0].Destination
			if from.Proxy != traffic.Application || len(path.Hops) > 1 && path.Hops[1].Workload == from.Workload {
				continue
			}
			t, ok := templateOf(p, from.Workload)
			pod, known := p.Index.Pod(from.Workload)
			if !ok || !known || pod.Gateway || inAmbient(p, pod) || !p.Index.Member(pod.Namespace) {
				continue
			}
			what, by, ok := intended(p, path, pod)
			if !ok {
				continue
			}
			f := validate.Finding{
				Consequence: fmt.Sprintf("the request to %s goes straight out, as the application sends it: %s", dialled, what),
				Related:     []validate.Place{by},
			}
			switch name := uncaptured(pod, dialled.Port); {
			case !pod.Sidecar && by.Object.Namespace == pod.Namespace:
				f.Severity = validate.Warning
				f.Place = p.At(t.object, t.at("metadata"))
				f.Message = fmt.Sprintf("%s has no sidecar, and %s is for what it sends", t.object.ID, by.Object)
				f.Fix, f.Edits = injected(p, t, pod)
				if pod.HostNetwork {
					f.Place = p.At(t.object, t.at("spec.hostNetwork"))
					f.Message = fmt.Sprintf("%s uses the node's network, where no sidecar is injected, and %s is for what it sends", t.object.ID, by.Object)
					f.Edits = nil
					f.Fix = "run it in the pod network; or let it make the TLS itself, and limit it with a NetworkPolicy"
				}
			case pod.Sidecar && name != "":
				f.Place = p.At(t.object, t.at(fmt.Sprintf("metadata.annotations[%q]", captureAnnotation+name)))
				f.Message = fmt.Sprintf("annotation %s (%q) of %s keeps the request to %s from its sidecar", name, pod.Annotations[captureAnnotation+name], t.object.ID, dialled)
				f.Fix, f.Edits = captured(p, t, f.Place, name, dialled.Port)
			default:
				continue
			}
			p.Report(validate.Shown(path, 1, f))
		}
	},
}
