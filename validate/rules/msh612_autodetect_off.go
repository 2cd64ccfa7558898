package rules

import (
	"cmp"
	"fmt"
	"slices"

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
			for _, h := range r.Spec.Hosts {
				s, ok := serviceNamed(p, fullName(h, r.ID.Namespace))
				if !ok {
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
