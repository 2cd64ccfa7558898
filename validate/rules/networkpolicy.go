package rules

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type policyOf = traffic.Of[*netv1.NetworkPolicy]

type networkPoliciesKey struct{}

// policiesOn are the NetworkPolicies of the files that isolate a pod, for what goes out of it or for what comes in.
func policiesOn(p *validate.Pass, pod traffic.Pod, direction netv1.PolicyType) []policyOf {
	var all []policyOf
	in := validate.Once(p, networkPoliciesKey{}, func() map[string][]policyOf {
		in := map[string][]policyOf{}
		for _, n := range p.Objects.NetworkPolicies {
			in[n.ID.Namespace] = append(in[n.ID.Namespace], n)
		}
		return in
	})
	for _, n := range in[pod.Namespace] {
		spec := n.Spec.Spec
		isolates := slices.Contains(spec.PolicyTypes, direction)
		if len(spec.PolicyTypes) == 0 {
			isolates = direction == netv1.PolicyTypeIngress || len(spec.Egress) > 0
		}
		if isolates && picks(&spec.PodSelector, pod.Labels) {
			all = append(all, n)
		}
	}
	return all
}

func picks(s *metav1.LabelSelector, of map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(labels.Set(of))
}

// A side is the other end of a connection, as a NetworkPolicy sees it: a pod, or, without a namespace, an address outside
// the cluster.
type side struct {
	namespace string
	labels    map[string]string
}

// admits tells whether any of some policies lets a connection through. Where the files cannot tell (ranges of addresses,
// named ports, labels of a namespace that they do not hold), it does.
func admits(p *validate.Pass, policies []policyOf, direction netv1.PolicyType, other side, port int, protocol corev1.Protocol) bool {
	for _, n := range policies {
		if direction == netv1.PolicyTypeEgress {
			for _, r := range n.Spec.Spec.Egress {
				if openPort(r.Ports, port, protocol) && openTo(p, n, r.To, other) {
					return true
				}
			}
			continue
		}
		for _, r := range n.Spec.Spec.Ingress {
			if openPort(r.Ports, port, protocol) && openTo(p, n, r.From, other) {
				return true
			}
		}
	}
	return len(policies) == 0
}

func openPort(ports []netv1.NetworkPolicyPort, port int, protocol corev1.Protocol) bool {
	return len(ports) == 0 || slices.ContainsFunc(ports, func(one netv1.NetworkPolicyPort) bool {
		of := corev1.ProtocolTCP
		if one.Protocol != nil {
			of = *one.Protocol
		}
		switch {
		case of != protocol:
			return false
		case one.Port == nil || one.Port.StrVal != "":
			return true
		case one.EndPort != nil:
			return port >= one.Port.IntValue() && port <= int(*one.EndPort)
		}
		return port == one.Port.IntValue()
	})
}

func openTo(p *validate.Pass, policy policyOf, peers []netv1.NetworkPolicyPeer, other side) bool {
	return len(peers) == 0 || slices.ContainsFunc(peers, func(one netv1.NetworkPolicyPeer) bool {
		switch {
		case one.IPBlock != nil:
			return true
		case other.namespace == "":
			return false
		case one.NamespaceSelector == nil:
			return other.namespace == policy.ID.Namespace && picks(one.PodSelector, other.labels)
		}
		of, held := namespaceLabels(p, other.namespace)
		in := picks(one.NamespaceSelector, of) || !held && !onlyByName(one.NamespaceSelector)
		return in && (one.PodSelector == nil || picks(one.PodSelector, other.labels))
	})
}

// byName is the label that every namespace has.
const byName = "kubernetes.io/metadata.name"

// onlyByName tells whether a selector asks for nothing but the name of a namespace.
func onlyByName(s *metav1.LabelSelector) bool {
	for key := range s.MatchLabels {
		if key != byName {
			return false
		}
	}
	return !slices.ContainsFunc(s.MatchExpressions, func(e metav1.LabelSelectorRequirement) bool { return e.Key != byName })
}

// namespaceLabels are those of a namespace, and whether the files hold it.
func namespaceLabels(p *validate.Pass, name string) (map[string]string, bool) {
	held := validate.Once(p, namespacesKey{}, func() map[string]map[string]string {
		all := map[string]map[string]string{}
		for _, o := range p.Objects.All {
			if o.Kind == "Namespace" {
				all[o.Name] = map[string]string{byName: o.Name}
				maps.Copy(all[o.Name], labelsOf(o))
			}
		}
		return all
	})
	if all, ok := held[name]; ok {
		return all, true
	}
	return map[string]string{byName: name}, false
}

type namespacesKey struct{}
