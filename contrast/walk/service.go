package walk

import (
	"net"
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
