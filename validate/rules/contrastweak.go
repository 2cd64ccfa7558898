package rules

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// forgiven is why a port may be in the clear; "" is that nothing in the files says so.
func (c contrastPod) forgiven(p *validate.Pass, i contrast.Ingress) string {
	few := c.called(i, monitored...)
	switch {
	case !few && c.ownTLS(p), c.called(i, "https", "tls", "grpcs"), i.Port == 443, i.Port == 8443:
		return "speaks TLS of its own, as it seems"
	case few && c.narrowed(p, i.Port):
		return "is for few only, by a NetworkPolicy"
	}
	return ""
}

// monitored are words in the names of ports that monitoring and the kubelet ask.
var monitored = []string{"metric", "prom", "health", "probe", "live", "ready", "status"}

// called tells whether the name of an entry, or of its port, has one of some words in it.
func (c contrastPod) called(i contrast.Ingress, words ...string) bool {
	names := []string{i.Name}
	for _, one := range c.own() {
		for _, port := range one.Ports {
			if int(port.ContainerPort) == i.Port {
				names = append(names, port.Name)
			}
		}
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(lower(name), word) })
	})
}

// narrowed tells whether NetworkPolicies of the files keep most of the world from a port.
func (c contrastPod) narrowed(p *validate.Pass, port int) bool {
	policies := policiesOn(p, traffic.Pod{Namespace: c.namespace, Labels: c.Metadata.Labels}, netv1.PolicyTypeIngress)
	open := func(who side) bool {
		return admits(p, policies, netv1.PolicyTypeIngress, who, port, corev1.ProtocolTCP)
	}
	return len(policies) > 0 && !open(side{}) && !open(side{namespace: "a-namespace-of-nobody"})
}
