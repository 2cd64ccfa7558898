package rules

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh611 = validate.Rule{
	ID: "MSH611", Name: "networkpolicy-blocks", Category: validate.Other, Severity: validate.Error,
	Title: "a NetworkPolicy blocks what the mesh leads there",
	Check: func(p *validate.Pass) {
		exposed(p)
		for _, path := range p.Paths {
			if !path.Request.Guess {
				blocked(p, path)
			}
		}
		for _, pod := range p.Index.Pods() {
			if pod.Sidecar && !pod.Assumed {
				cutOff(p, pod)
			}
		}
	},
}

// blocked looks at who connects to whom on a path.
func blocked(p *validate.Pass, path *traffic.Path) {
	for i := range path.Hops {
		h := &path.Hops[i]
		from, ok := p.Index.Pod(h.Workload)
		last := i+1 == len(path.Hops)
		if !ok || h.Wire.Mode == "" || h.Destination.Port == 0 || last && path.Outcome.Code != traffic.Arrives || !last && path.Hops[i+1].Workload == h.Workload {
			continue
		}
		other, name := side{}, h.Destination.Host
		var peer map[string]any
		if !last {
			to, ok := p.Index.Pod(path.Hops[i+1].Workload)
			if !ok || to.HostNetwork {
				continue
			}
			other, name = side{to.Namespace, to.Labels}, path.Hops[i+1].Workload
			peer = policyPeer(to.Namespace, selectorOf(p, to))
		} else if isService(p, h.Destination.Host) {
			continue // its pods are nobody's that the path knows
		}
		out := policiesOn(p, from, netv1.PolicyTypeEgress)
		if !from.HostNetwork && !admits(p, out, netv1.PolicyTypeEgress, other, h.Destination.Port, corev1.ProtocolTCP) {
			f := validate.Finding{
				Place:       p.At(out[0].Object, "spec.egress"),
				Message:     fmt.Sprintf("%s does not let %s connect to %s on port %d", out[0].ID, h.Workload, name, h.Destination.Port),
				Consequence: "the packets are dropped: the proxy gives up after its connect timeout, 503 UF, or the client's own timeout",
				Fix:         fmt.Sprintf("add a rule to spec.egress of %s for %s, port %d", out[0].ID, name, h.Destination.Port),
			}
			if other.namespace == "" {
				f.Fix = fmt.Sprintf("add a rule to spec.egress of %s for port %d: a NetworkPolicy knows no names, so to any address, or by ipBlock to those of %s", out[0].ID, h.Destination.Port, name)
			}
			if other.namespace != "" || from.Gateway {
				f.Edits = admitting(p, out[0], netv1.PolicyTypeEgress, peer, h.Destination.Port)
			}
			p.Report(validate.Shown(path, i+1, f))
		}
		if last {
			continue
		}
		to, _ := p.Index.Pod(path.Hops[i+1].Workload)
		in := policiesOn(p, to, netv1.PolicyTypeIngress)
		if !admits(p, in, netv1.PolicyTypeIngress, side{from.Namespace, from.Labels}, h.Destination.Port, corev1.ProtocolTCP) {
			p.Report(validate.Shown(path, i+1, validate.Finding{
				Place:       p.At(in[0].Object, "spec.ingress"),
				Message:     fmt.Sprintf("%s does not let %s in to %s on port %d", in[0].ID, h.Workload, name, h.Destination.Port),
				Consequence: "the packets are dropped: the proxy gives up after its connect timeout, 503 UF, or the client's own timeout",
				Fix:         fmt.Sprintf("add a rule to spec.ingress of %s for %s, port %d", in[0].ID, h.Workload, h.Destination.Port),
				Edits:       admitting(p, in[0], netv1.PolicyTypeIngress, policyPeer(from.Namespace, selectorOf(p, from)), h.Destination.Port),
			}))
		}
	}
}
