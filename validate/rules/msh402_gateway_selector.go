package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh402 = validate.Rule{
	ID: "MSH402", Name: "gateway-selector", Category: validate.Dangling, Severity: validate.Error,
	Title: "a Gateway selects pods that are not there, or every gateway's",
	Check: func(p *validate.Pass) {
		for _, g := range p.Objects.Gateways {
			var in, out traffic.Pod
			for _, pod := range gatewayPods(p) {
				switch {
				case pod.Assumed || !within(g.Spec.Selector, pod.Labels) || !p.Index.Member(g.ID.Namespace):
				case pod.Labels["istio"] == "ingressgateway":
					in = pod
				case pod.Labels["istio"] == "egressgateway":
					out = pod
				}
			}
			if in.Name == "" || out.Name == "" {
				continue
			}
			has := "selects {" + labelText(g.Spec.Selector) + "}"
			if len(g.Spec.Selector) == 0 {
				has = "has no selector"
			}
			f := validate.Finding{
				Severity:    validate.Warning,
				Place:       p.At(g.Object, "spec.selector"),
				Message:     fmt.Sprintf("%s %s, so that both %s and %s open its ports", g.ID, has, podName(in), podName(out)),
				Consequence: "what is meant for one gateway can be called at the other too, from inside or from outside the cluster",
				Fix:         fmt.Sprintf("set spec.selector of %s to {%s} or to {%s}", g.ID, labelText(in.Labels), labelText(out.Labels)),
			}
			if pod, why := meantFor(p, g, in, out); why != "" {
				f.Fix = fmt.Sprintf("set spec.selector of %s to {%s}, as %s", g.ID, labelText(pod.Labels), why)
				f.Edits = []validate.Edit{{Object: f.Object, Field: "spec.selector", Value: selecting(pod.Labels)}}
			}
			p.Report(f)
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH402", gatewayMiss(p, b)) },
}

// meantFor is which of an ingress and an egress gateway a Gateway is meant for, as far as what is led on from there tells.
func meantFor(p *validate.Pass, g gatewayOf, in, out traffic.Pod) (traffic.Pod, string) {
	inside, of := 0, boundTo(p, g.ID.Namespace+"/"+g.ID.Name)
	for _, r := range of {
		for _, d := range destinations(r) {
			host := fullName(d.GetHost(), r.ID.Namespace)
			switch {
			case strings.HasPrefix(host, out.Name+"."+out.Namespace+"."):
				return out, fmt.Sprintf("%s leads sidecars there", r.ID)
			case len(entriesFor(p, host)) > 0:
				return out, fmt.Sprintf("%s leads to %s, outside the mesh", r.ID, host)
			case isService(p, host):
				inside++
			}
		}
	}
	if inside == 0 {
		return traffic.Pod{}, ""
	}
	return in, fmt.Sprintf("%s leads to Services of the mesh", of[0].ID)
}
