package rules

import (
	"fmt"

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
			p.Report(validate.Finding{
				Severity:    validate.Warning,
				Place:       p.At(g.Object, "spec.selector"),
				Message:     fmt.Sprintf("%s %s, so that both %s and %s open its ports", g.ID, has, podName(in), podName(out)),
				Consequence: "what is meant for one gateway can be called at the other too, from inside or from outside the cluster",
				Fix:         fmt.Sprintf("set spec.selector of %s to {%s} or to {%s}", g.ID, labelText(in.Labels), labelText(out.Labels)),
			})
		}
	},
	Of:      gatewayCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH402", gatewayMiss(p, b)) },
}
