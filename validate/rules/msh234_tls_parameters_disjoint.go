package rules

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

const tls12 = networking.ServerTLSSettings_TLSV1_2

var msh234 = validate.Rule{
	ID: "MSH234", Name: "tls-parameters-disjoint", Category: validate.GatewayTLS, Severity: validate.Error,
	Title: "there is no version of TLS that both sides speak",
	Check: func(p *validate.Pass) {
		for _, g := range p.Objects.Gateways {
			for i, s := range g.Spec.Servers {
				least, most := versions(s)
				if most == 0 || least <= most {
					continue
				}
				p.Report(validate.Finding{
					Place:       p.At(g.Object, fmt.Sprintf("spec.servers[%d].tls.maxProtocolVersion", i)),
					Message:     fmt.Sprintf("server %d of %s takes nothing newer than %s, and nothing older than %s", i, g.ID, most, least),
					Consequence: "no client can agree on a version with it: every handshake fails, UNSUPPORTED_PROTOCOL",
					Fix:         "take maxProtocolVersion out, or set it to TLSV1_3",
					Edits:       openVersions(p, g, fmt.Sprintf("spec.servers[%d]", i)),
				})
			}
		}
		for _, path := range p.Paths {
			for i := 1; i < len(path.Hops) && path.Outcome.Code == traffic.Arrives; i++ {
				h := &path.Hops[i]
				sender := &path.Hops[i-1]
				if h.Proxy != traffic.Gateway || h.Terminates == nil || !originates(path.Hops, i-1) {
					continue
				}
				g, at := serverFor(p, h)
				if g.Object == nil {
					continue
				}
				least, most := versions(g.Spec.Servers[atIndex(at)])
				if most == 0 || most >= tls12 || least > most {
					continue
				}
				p.Report(validate.Shown(path, i, validate.Finding{
					Place:       p.At(g.Object, at+".tls.maxProtocolVersion"),
					Message:     fmt.Sprintf("%s takes nothing newer than %s, and %s speaks TLS 1.2 and 1.3 only", g.ID, most, by(sender)),
					Consequence: "the handshake fails: 503 UF, UNSUPPORTED_PROTOCOL",
					Fix:         fmt.Sprintf("take maxProtocolVersion out of %s, and minProtocolVersion if it is older than TLSV1_2", g.ID),
					Edits:       openVersions(p, g, at),
				}))
			}
		}
	},
}

// versions are the oldest and the newest of TLS that a server takes, where it says so; 0 is left open. With the mesh's own
// certificates, and where it does not terminate, the settings do not count.
func versions(s *networking.Server) (least, most networking.ServerTLSSettings_TLSProtocol) {
	switch s.GetTls().GetMode() {
	case networking.ServerTLSSettings_SIMPLE, networking.ServerTLSSettings_MUTUAL, networking.ServerTLSSettings_OPTIONAL_MUTUAL:
		return s.GetTls().GetMinProtocolVersion(), s.GetTls().GetMaxProtocolVersion()
	}
	return 0, 0
}

// openVersions are the edits by which a server takes the newest version, and none that is out of use.
func openVersions(p *validate.Pass, g gatewayOf, server string) []validate.Edit {
	object := p.At(g.Object, "").Object
	edits := []validate.Edit{{Object: object, Field: server + ".tls.maxProtocolVersion"}}
	if least, _ := versions(g.Spec.Servers[atIndex(server)]); least != 0 && least < tls12 {
		edits = append(edits, validate.Edit{Object: object, Field: server + ".tls.minProtocolVersion"})
	}
	return edits
}
