package rules

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

type kubernetesKey struct{}

// serviceNamed is the Service of a full name.
func serviceNamed(p *validate.Pass, host string) (traffic.Of[*corev1.Service], bool) {
	s, ok := validate.Once(p, kubernetesKey{}, func() map[string]traffic.Of[*corev1.Service] {
		all := map[string]traffic.Of[*corev1.Service]{}
		for _, s := range p.Objects.Services {
			all[fullName(s.ID.Name, s.ID.Namespace)] = s
		}
		return all
	})[host]
	return s, ok
}

// knownProtocol tells whether a Service's port says what it takes, by its appProtocol, its name or its number.
// https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func knownProtocol(port corev1.ServicePort) bool {
	if port.AppProtocol != nil || port.Protocol != "" && port.Protocol != corev1.ProtocolTCP {
		return true
	}
	switch port.Port {
	case 25, 53, 3306, 27017:
		return true
	}
	name := strings.ToLower(port.Name)
	return slices.ContainsFunc([]string{"http", "http2", "https", "grpc", "grpc-web", "tcp", "tls", "mongo", "mysql", "redis", "udp"}, func(known string) bool {
		return name == known || strings.HasPrefix(name, known+"-")
	})
}
