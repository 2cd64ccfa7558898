package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh612 = validate.Rule{
	ID: "MSH612", Name: "autodetect-off", Category: validate.Protocol, Severity: validate.Warning,
	Title: "http routes for a port that is not known to take HTTP, where nobody looks into the bytes",
	Check: func(p *validate.Pass) {
		if p.Target.Has(mesh.SniffOutbound) {
			return
		}
		for _, c := range planes(p) {
			if on := c.Spec.Proxy.Networking.Protocol.AutoDetect.Outbound; on != nil && *on {
				return
			}
		}
		for _, r := range p.Objects.VirtualServices {
			if len(r.Spec.Http) == 0 || len(r.Spec.Gateways) > 0 && !slices.Contains(r.Spec.Gateways, "mesh") {
				continue
			}
			for _, s := range p.Objects.Services {
				name := s.ID.Name + "." + s.ID.Namespace + ".svc.cluster.local"
				if !slices.ContainsFunc(r.Spec.Hosts, func(h string) bool { return fullName(h, r.ID.Namespace) == name }) {
					continue
				}
				for i, port := range s.Spec.Spec.Ports {
					if knownProtocol(port) {
						continue
					}
					field := fmt.Sprintf("spec.ports[%d]", i)
					p.Report(validate.Finding{
						Place:       p.At(s.Object, field+".name"),
						Message:     fmt.Sprintf("port %d of %s (named %q) does not say what it takes, and %s does not look into the bytes: it is TCP", port.Port, s.ID, port.Name, p.Target.Name),
						Consequence: fmt.Sprintf("the http routes of %s do not count for sidecars: requests go to the Service as they came", r.ID),
						Fix:         fmt.Sprintf("set appProtocol: http for the port, or a name that begins with the protocol, such as http-%s", cmp.Or(port.Name, "web")),
						Related:     []validate.Place{p.At(r.Object, "spec.http")},
						Safe:        true,
						Edits:       []validate.Edit{{Object: p.At(s.Object, "").Object, Field: field + ".appProtocol", Value: "http"}},
					})
				}
			}
		}
	},
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
