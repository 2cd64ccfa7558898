package walk

import (
	"net/netip"
	"slices"
	"strings"
)

// A place is where a host leads, as the cluster's DNS answers a pod.
type place struct {
	service *service
	// inCluster says that no other than a Service can have the name, or the address is a private one; the files may not
	// hold it.
	inCluster bool
	host      string // in full, where it is known to be a Service's
}

// resolve finds what a host is to a pod of a namespace; "" is a client outside, to whom short names mean nothing, so that
// one which is the only Service's of that name is taken for it.
func (m *Mesh) resolve(host, namespace string) place {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return place{service: m.byAddress(host), inCluster: ip.IsPrivate(), host: host}
	}
	name, rest, dotted := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(host, clusterSuffix), ".svc"), ".")
	full := strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, clusterSuffix)
	of := rest
	if !dotted {
		of = namespace
	}
	for _, s := range m.services {
		if s.name == name && (s.namespace == of || of == "" && m.alone(name)) {
			return place{service: s, inCluster: true, host: s.host()}
		}
	}
	if strings.Contains(of, ".") || of == "" {
		return place{service: m.byAddress(host), host: host}
	}
	if full || !dotted {
		return place{inCluster: true, host: name + "." + of + clusterSuffix}
	}
	// Two labels may be the name and namespace of a Service, or a host outside; nobody in the files says which.
	return place{inCluster: true, host: host}
}

// alone tells whether one Service only has the name.
func (m *Mesh) alone(name string) bool {
	found := 0
	for _, s := range m.services {
		if s.name == name {
			found++
		}
	}
	return found == 1
}

// byAddress is the Service that says it is reached at an address or host outside the cluster.
func (m *Mesh) byAddress(host string) *service {
	for _, s := range m.services {
		spec := s.spec.Spec
		addresses := append(slices.Clone(spec.ExternalIPs), spec.LoadBalancerIP, spec.ClusterIP)
		for _, in := range s.spec.Status.LoadBalancer.Ingress {
			addresses = append(addresses, in.IP, in.Hostname)
		}
		for _, name := range strings.Split(s.spec.Annotations["external-dns.alpha.kubernetes.io/hostname"], ",") {
			addresses = append(addresses, strings.TrimSpace(name))
		}
		if slices.Contains(addresses, host) {
			return s
		}
	}
	return nil
}
