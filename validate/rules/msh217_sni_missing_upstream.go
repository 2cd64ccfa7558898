package rules

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh217 = validate.Rule{
	ID: "MSH217", Name: "sni-missing-upstream", Category: validate.SNI, Severity: validate.Warning,
	Title: "the proxy makes TLS to a service outside and does not say to which host",
	Check: func(p *validate.Pass) {
		originating(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			_, outside := validate.Decided(h, "ServiceEntry")
			if h.Wire.SNI != "" || !outside || i+1 < len(path.Hops) || inBandAt(p, h) != "" {
				return
			}
			why := "the connection is not routed as HTTP, so there is no Host to take it from"
			if h.Destination.Authority != "" {
				if _, err := netip.ParseAddr(strings.Trim(bareHost(h.Destination.Authority), "[]")); err == nil && p.Target.Has(mesh.AutoSNI) {
					return // who calls an address has no name to send
				}
				why = fmt.Sprintf("on %s a proxy does not take it from the Host", p.Target.Name)
			}
			f := validate.Finding{
				Place:       p.Of(tls.by),
				Message:     fmt.Sprintf("%s makes TLS to %s without SNI: %s sets no sni, and %s", by(h), h.Destination, tls.by, why),
				Consequence: "a server that holds several sites cannot choose the certificate: it resets the handshake, or shows that of another; one with a single site does not mind",
				Fix:         fmt.Sprintf("set sni: %s in %s", h.Destination.Host, tls.by),
			}
			if wildcard(h.Destination.Host) || wildcard(tls.of.Spec.Host) {
				f.Fix = "write a DestinationRule for each host that is called, with its name as sni"
			} else {
				f.Safe, f.Edits = true, []validate.Edit{{Object: f.Object, Field: tls.by.Field + ".sni", Value: h.Destination.Host}}
			}
			if len(tls.SubjectAltNames) == 0 && p.Target.Has(mesh.AutoSAN) { // which is off as soon as there is an sni
				f.Fix += fmt.Sprintf(", and subjectAltNames: [%s]: with sni set, the proxy compares no name by itself", h.Destination.Host)
				f.Safe = false
				if len(f.Edits) > 0 {
					f.Edits = append(f.Edits, validate.Edit{Object: f.Object, Field: tls.by.Field + ".subjectAltNames", Value: []any{h.Destination.Host}})
				}
			}
			p.Report(validate.Shown(path, i+1, f))
		})
	},
}
