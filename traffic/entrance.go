package traffic

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// entrances are the Services by which clients outside the cluster come in where there are no Routes: those of pods labelled
// istio=ingressgateway, as istioctl and OpenShift Service Mesh label them, then those of other gateways that a load
// balancer or a port of the nodes leads to. Istio's chart gateway labels its pods by the name of the release, such as
// istio=ingress: https://istio.io/latest/docs/setup/additional-setup/gateway/
// What the files hold comes before what is assumed.
func (x *Index) entrances() []*corev1.Service {
	var first, other, assumed []*corev1.Service
	for i, s := range x.serviceObjects {
		switch label := s.Spec.Selector["istio"]; {
		case label == "ingressgateway" && x.kubernetesOf[i].assumed:
			assumed = append(assumed, s)
		case label == "ingressgateway":
			first = append(first, s)
		case label == "egressgateway" || label == "eastwestgateway":
		case s.Spec.Type == corev1.ServiceTypeLoadBalancer || s.Spec.Type == corev1.ServiceTypeNodePort:
			if x.leadsToGateway(s) {
				other = append(other, s)
			}
		}
	}
	return slices.Concat(first, other, assumed)
}

// leads tells whether a Service leads to a workload.
func leads(s *corev1.Service, w *workload) bool {
	return w.namespace == s.Namespace && len(s.Spec.Selector) > 0 && subset(s.Spec.Selector, w.labels)
}

// entrance is the one of them that a client who calls a host comes in by: DNS leads to that whose gateway takes the host.
func (x *Index) entrance(host string) *corev1.Service {
	if len(x.ways) == 1 { // as in most clusters
		return x.ways[0]
	}
	for _, s := range x.ways {
		for _, g := range x.gateways {
			for _, w := range x.workloads {
				if leads(s, w) && subset(g.spec.Selector, w.labels) && g.takes(host) {
					return s
				}
			}
		}
	}
	if len(x.ways) == 0 {
		return nil
	}
	return x.ways[0]
}

// takes tells whether a server of the Gateway is for a host.
func (g *gatewayObject) takes(host string) bool {
	for _, s := range g.spec.Servers {
		if slices.ContainsFunc(s.Hosts, func(h string) bool {
			if _, name, found := strings.Cut(h, "/"); found {
				h = name
			}
			return overlaps(strings.ToLower(h), host)
		}) {
			return true
		}
	}
	return false
}

// noteEntrances keeps the entrances, and marks the gateways behind them.
func (x *Index) noteEntrances() {
	x.ways = x.entrances()
	for _, w := range x.workloads {
		w.entrance = w.gateway && (w.labels["istio"] == "ingressgateway" || slices.ContainsFunc(x.ways, func(s *corev1.Service) bool { return leads(s, w) }))
	}
}
