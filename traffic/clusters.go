package traffic

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// gatewayElsewhere stands for the gateway of another cluster, where its files do not say by which address it is reached.
var gatewayElsewhere = netip.MustParseAddr("203.0.113.2")

// joinCluster gives the registry the services of the other cluster of one mesh, as istiod reads them by its remote secret.
// Pods on another network are behind that network's gateway, and only those that take the mesh's TLS are
// (istio/istio pilot/pkg/xds/endpoints/ep_filters.go).
func (x *Index) joinCluster() {
	there := x.options.Peer
	if there == nil || !x.mesh.joined(&there.mesh) {
		return
	}
	at, ok := there.eastWest()
	for i, s := range there.serviceObjects {
		of := there.kubernetesOf[i]
		if of.external || of.assumed || x.mesh.staysHere(of.host) || !x.sees(of.namespace) {
			continue
		}
		if _, held := x.serviceAt[of.host]; !held {
			alone := s.DeepCopy()
			alone.Spec.Selector, alone.Spec.ClusterIP = nil, ""
			x.addService(alone, of.source)
		}
		names := map[string]string{} // of this cluster's ports, where an assumed Service calls them otherwise
		for _, own := range x.services {
			for _, p := range of.ports {
				if to, both := own.port(p.number); both && own.kubernetes && own.host == of.host {
					names[p.name] = to.name
				}
			}
		}
		for _, e := range there.endpoints[of.key()] {
			name, known := names[e.portName]
			if ok && known && e.mutualTLS && e.workload != nil && !e.workload.gateway {
				x.endpoints[of.key()] = append(x.endpoints[of.key()], endpoint{
					ip: at, port: federationPort, portName: name, labels: e.labels, mutualTLS: true,
					account: e.account, namespace: e.namespace, weight: 1, locality: there.mesh.cluster.network,
				})
			}
		}
	}
}

// eastWest is the address of the gateway by which other networks reach this one: istiod finds its Service by the label.
func (x *Index) eastWest() (netip.Addr, bool) {
	for _, s := range x.serviceObjects {
		if s.Labels["topology.istio.io/network"] != x.mesh.cluster.network || !slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == federationPort }) {
			continue
		}
		for _, a := range outsideAddresses(s) {
			if ip, err := netip.ParseAddr(a); err == nil {
				return ip, true
			}
		}
		return gatewayElsewhere, true
	}
	return netip.Addr{}, false
}
