package walk

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/meshscenario/scenario/bundle"
)

// A service is a Service of the files.
type service struct {
	namespace, name string
	spec            *corev1.Service
	object          *bundle.Object
}

func (s *service) host() string { return s.name + "." + s.namespace + clusterSuffix }

// clusterSuffix ends the names of the cluster's Services.
const clusterSuffix = ".svc.cluster.local"

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
		//lint:ignore SA1019 people still write it
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

// port is the Service's of a number.
func (s *service) port(number int) (corev1.ServicePort, bool) {
	for _, p := range s.spec.Spec.Ports {
		if int(p.Port) == number && (p.Protocol == "" || p.Protocol == corev1.ProtocolTCP) {
			return p, true
		}
	}
	return corev1.ServicePort{}, false
}

// behind are the workloads that the Service chooses.
func (m *Mesh) behind(s *service) []*workload {
	var all []*workload
	for _, w := range m.workloads {
		if w.namespace == s.namespace && len(s.spec.Spec.Selector) > 0 && labels.SelectorFromSet(s.spec.Spec.Selector).Matches(labels.Set(w.labels)) {
			all = append(all, w)
		}
	}
	return all
}

// target is the pod's port that a Service's leads to. A headless Service has its name only: who dials it dials the pod.
func (w *workload) target(s *service, p corev1.ServicePort) int {
	switch {
	case s.spec.Spec.ClusterIP == corev1.ClusterIPNone, p.TargetPort.IntValue() == 0 && p.TargetPort.StrVal == "":
		return int(p.Port)
	case p.TargetPort.StrVal == "":
		return p.TargetPort.IntValue()
	}
	return w.named(p.TargetPort.StrVal)
}

// named is the port of the pod that has a name, or 0.
func (w *workload) named(name string) int {
	for _, c := range slices.Concat(w.spec.Containers, w.spec.InitContainers) {
		for _, p := range c.Ports {
			if p.Name == name {
				return int(p.ContainerPort)
			}
		}
	}
	return 0
}

// socket writes host and port.
func socket(host string, port int) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
}

// hostPort takes HOST:PORT apart; what is no port is 0, which no Service has.
func hostPort(text string) (string, int) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return text, 0
	}
	number, _ := strconv.Atoi(port)
	return host, number
}
