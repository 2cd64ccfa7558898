package rules

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// cutOff tells of pods with a sidecar whose policies keep them from what every sidecar needs: istiod, and names.
func cutOff(p *validate.Pass, pod traffic.Pod) {
	out := policiesOn(p, pod, netv1.PolicyTypeEgress)
	if len(out) == 0 {
		return
	}
	root, _, _ := p.Index.Mesh()
	workload := pod.Namespace + "/" + pod.Name
	if !admits(p, out, netv1.PolicyTypeEgress, side{root, map[string]string{"app": "istiod", "istio": "pilot"}}, 15012, corev1.ProtocolTCP) {
		p.Report(validate.Finding{
			Place:       p.At(out[0].Object, "spec.egress"),
			Message:     fmt.Sprintf("%s keeps the sidecar of %s from istiod (namespace %s, port 15012)", out[0].ID, workload, root),
			Consequence: "the sidecar gets neither settings nor certificate and is never ready, so the pod is not either",
			Fix:         fmt.Sprintf("add a rule to spec.egress of %s for pods with app: istiod in namespace %s, TCP port 15012", out[0].ID, root),
			Edits:       admitting(p, out[0], netv1.PolicyTypeEgress, policyPeer(root, map[string]string{"app": "istiod"}), 15012),
		})
	}
	dns := p.Target.DNS
	if !admits(p, out, netv1.PolicyTypeEgress, side{dns.Namespace, map[string]string{"k8s-app": "kube-dns", "dns.operator.openshift.io/daemonset-dns": "default"}}, dns.Port, corev1.ProtocolUDP) {
		p.Report(validate.Finding{
			Place:       p.At(out[0].Object, "spec.egress"),
			Severity:    validate.Warning,
			Message:     fmt.Sprintf("%s keeps %s from the cluster's name servers (namespace %s, port %d)", out[0].ID, workload, dns.Namespace, dns.Port),
			Consequence: "no name is resolved, unless the nodes have caches of their own: the application fails before it sends anything",
			Fix:         fmt.Sprintf("add a rule to spec.egress of %s for namespace %s, port %d with UDP and TCP: the port is that of the pods, behind the Service's 53", out[0].ID, dns.Namespace, dns.Port),
			Edits:       admitting(p, out[0], netv1.PolicyTypeEgress, policyPeer(dns.Namespace, nil), dns.Port, corev1.ProtocolUDP, corev1.ProtocolTCP),
		})
	}
}

// admitting adds a rule to a NetworkPolicy; without a peer, for any address. Without protocols, it is TCP.
func admitting(p *validate.Pass, policy policyOf, direction netv1.PolicyType, peer map[string]any, port int, protocols ...corev1.Protocol) []validate.Edit {
	if len(protocols) == 0 {
		protocols = []corev1.Protocol{corev1.ProtocolTCP}
	}
	var ports []any
	for _, one := range protocols {
		ports = append(ports, map[string]any{"port": port, "protocol": string(one)})
	}
	list, side, length := "spec.egress", "to", len(policy.Spec.Spec.Egress)
	if direction == netv1.PolicyTypeIngress {
		list, side, length = "spec.ingress", "from", len(policy.Spec.Spec.Ingress)
	}
	rule := map[string]any{"ports": ports}
	if peer != nil {
		rule[side] = []any{peer}
	}
	return []validate.Edit{{Object: p.At(policy.Object, "").Object, Field: fmt.Sprintf("%s[%d]", list, length), Value: rule}}
}

// exposed tells of Routes that lead straight to pods which the control plane's own policies close: of OpenShift Service
// Mesh 2, they let in members, and the router to pods with a label only.
func exposed(p *validate.Pass) {
	if !p.Target.MemberRoll {
		return
	}
	for _, c := range planes(p) {
		if m := c.Spec.Security.ManageNetworkPolicy; m != nil && !*m {
			return
		}
	}
	root, _, _ := p.Index.Mesh()
	pods := p.Index.Pods()
	said := len(p.Objects.MemberRolls)+len(p.Objects.ServiceMeshMembers) > 0
	for _, r := range p.Objects.Routes {
		s, ok := serviceNamed(p, fullName(r.Spec.Spec.To.Name, r.ID.Namespace))
		if !ok || len(s.Spec.Spec.Selector) == 0 || s.ID.Namespace == root {
			continue
		}
		for _, pod := range pods {
			member := p.Index.Member(pod.Namespace) && (said || pod.Sidecar)
			if pod.Namespace == s.ID.Namespace && within(s.Spec.Spec.Selector, pod.Labels) && member && !pod.Gateway && !pod.Assumed && !open(p, pod) {
				p.Report(closed(p, r.ID.String(), p.At(r.Object, "spec.to.name"), pod))
				break
			}
		}
	}
}

// open tells whether the router gets to a pod, by its label or by a policy of the files.
func open(p *validate.Pass, pod traffic.Pod) bool {
	router := side{"openshift-ingress", map[string]string{"ingresscontroller.operator.openshift.io/deployment-ingresscontroller": "default"}}
	for _, n := range policiesOn(p, pod, netv1.PolicyTypeIngress) {
		for _, rule := range n.Spec.Spec.Ingress {
			if openTo(p, n, rule.From, router) {
				return true
			}
		}
	}
	return pod.Labels["maistra.io/expose-route"] == "true"
}

func closed(p *validate.Pass, route string, at validate.Place, pod traffic.Pod) validate.Finding {
	f := validate.Finding{
		Place:       at,
		Message:     fmt.Sprintf("%s leads straight to %s/%s, a member of the mesh: the control plane's NetworkPolicies close it to the router, for it lacks the label maistra.io/expose-route", route, pod.Namespace, pod.Name),
		Consequence: "the router does not reach the pods: it answers 503 or 504",
		Fix:         fmt.Sprintf(`give the pods of %s the label maistra.io/expose-route: "true"; or lead the Route to the ingress gateway`, pod.Name),
	}
	for _, t := range podTemplates(p) {
		if namespaceOf(t.object) == pod.Namespace && t.object.Name == pod.Name && picks(&metav1.LabelSelector{MatchLabels: t.labels}, pod.Labels) {
			f.Safe = true
			f.Edits = []validate.Edit{{Object: p.At(t.object, "").Object, Field: t.field(`metadata.labels["maistra.io/expose-route"]`), Value: "true"}}
			f.Related = []validate.Place{p.At(t.object, t.field("metadata.labels"))}
		}
	}
	return f
}
