package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh921 = validate.Rule{
	ID: "MSH921", Name: "policy-without-proxy", Category: validate.Other, Severity: validate.Error,
	Title: "a policy says who may call a workload, which has no proxy to ask",
	Check: func(p *validate.Pass) {
		for _, pod := range p.Index.Pods() {
			t, ok := templateOf(p, podName(pod))
			if !ok || pod.Assumed || pod.Gateway || pod.Sidecar || inAmbient(p, pod) || !p.Index.Member(pod.Namespace) {
				continue
			}
			meant := aboutCallsTo(p, pod)
			if len(meant) == 0 {
				continue
			}
			f := validate.Finding{
				Place:       p.At(t.object, t.at("metadata")),
				Message:     fmt.Sprintf("%s has no sidecar, and %s says who may call it", t.object.ID, meant[0].ID),
				Consequence: "nobody asks: whoever reaches the pod is answered, in the clear",
			}
			if f.Fix, f.Edits = injected(p, t, pod); pod.HostNetwork {
				f.Place = p.At(t.object, t.at("spec.hostNetwork"))
				f.Fix, f.Edits = "run it in the pod network, where it can have a sidecar; or limit who reaches it with a NetworkPolicy", nil
			}
			for _, a := range meant {
				f.Related = append(f.Related, p.At(a.Object, "spec"))
			}
			p.Report(f)
		}
	},
}

// aboutCallsTo are the policies that are meant for a pod, had it a proxy: those that select it; and those of its whole namespace, if
// it is called by a Service and does not refuse the sidecar itself.
func aboutCallsTo(p *validate.Pass, pod traffic.Pod) []authorization {
	const inject = "sidecar.istio.io/inject"
	refuses := pod.Labels[inject] == "false" || pod.Annotations[inject] == "false"
	var all []authorization
	for _, a := range authorizations(p, pod) {
		selects := len(a.Spec.GetSelector().GetMatchLabels()) > 0
		if selects || a.ID.Namespace == pod.Namespace && !refuses && len(servicesOf(p, pod)) > 0 {
			all = append(all, a)
		}
	}
	return all
}
