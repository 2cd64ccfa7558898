package walk

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
)

// A policy is a NetworkPolicy. It acts before iptables in the pod does, on the ports of the pod.
type policy struct {
	id   bundle.ID
	spec netv1.NetworkPolicySpec
}

// refused is the NetworkPolicy by which the client is not let in to a port of a workload, or "". Of several, one that lets
// it in is enough.
func (k *walk) refused(w *workload, port int) string {
	by := ""
	for _, p := range k.policies {
		if p.id.Namespace != w.namespace || !selects(&p.spec.PodSelector, w.labels) ||
			len(p.spec.PolicyTypes) > 0 && !slices.Contains(p.spec.PolicyTypes, netv1.PolicyTypeIngress) {
			continue
		}
		if by = p.id.Namespace + "/" + p.id.Name; slices.ContainsFunc(p.spec.Ingress, func(r netv1.NetworkPolicyIngressRule) bool {
			return k.admits(p, r, w, port)
		}) {
			return ""
		}
	}
	return by
}

func (k *walk) admits(p *policy, r netv1.NetworkPolicyIngressRule, w *workload, port int) bool {
	onPort := func(at netv1.NetworkPolicyPort) bool {
		switch {
		case at.Protocol != nil && *at.Protocol != corev1.ProtocolTCP:
			return false
		case at.Port == nil:
			return true
		case at.Port.StrVal != "":
			return w.named(at.Port.StrVal) == port
		case at.EndPort != nil:
			return port >= at.Port.IntValue() && port <= int(*at.EndPort)
		}
		return port == at.Port.IntValue()
	}
	if len(r.Ports) > 0 && !slices.ContainsFunc(r.Ports, onPort) {
		return false
	}
	return len(r.From) == 0 || slices.ContainsFunc(r.From, func(peer netv1.NetworkPolicyPeer) bool { return k.isPeer(p.id.Namespace, peer) })
}

// isPeer tells whether a rule's peer is, or for all that is known may be, the client.
func (k *walk) isPeer(namespace string, peer netv1.NetworkPolicyPeer) bool {
	switch {
	case peer.IPBlock != nil:
		return true // nobody knows the client's address
	case k.Request.From == traffic.Outside:
		return false
	case peer.NamespaceSelector == nil && k.namespace != namespace:
		return false
	}
	if peer.NamespaceSelector != nil {
		of := map[string]string{corev1.LabelMetadataName: k.namespace}
		maps.Copy(of, k.labels[k.namespace])
		if !selects(peer.NamespaceSelector, of) {
			return false
		}
	}
	return peer.PodSelector == nil || k.client == nil || selects(peer.PodSelector, k.client.labels)
}

// selects tells whether a selector chooses what has the labels; an empty one chooses everything.
func selects(s *metav1.LabelSelector, set map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(set))
}
