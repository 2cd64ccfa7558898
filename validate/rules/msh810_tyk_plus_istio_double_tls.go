package rules

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh810 = validate.Rule{
	ID: "MSH810", Name: "tyk-plus-istio-double-tls", Category: validate.DoubleTLS, Severity: validate.Error, Anywhere: true,
	Title: "Tyk's gateway calls by TLS, and a DestinationRule puts TLS around it",
	Check: func(p *validate.Pass) {
		for _, a := range tykAPIs(p) {
			target, err := url.Parse(text(below(a.tree, "proxy")["target_url"]))
			if err != nil || target.Scheme != "https" && target.Scheme != "wss" {
				continue
			}
			host, port := strings.ToLower(target.Hostname()), 443
			if n, err := strconv.Atoi(target.Port()); err == nil {
				port = n
			}
			for _, r := range p.Objects.DestinationRules {
				own := r.ID.Namespace
				if !covers(r.Spec.Host, host) && fullName(r.Spec.Host, own) != fullName(host, a.namespace()) || own != a.namespace() && !p.Index.Exported("DestinationRule", r.Spec.ExportTo, own, a.namespace()) {
					continue
				}
				mode, field := tlsAt(r.Spec.TrafficPolicy, port)
				if mode != networking.ClientTLSSettings_SIMPLE && mode != networking.ClientTLSSettings_MUTUAL {
					continue
				}
				with := *target
				with.Scheme, with.Host = "http", fmt.Sprintf("%s:%d", target.Hostname(), port)
				place := a.at(p, "proxy.target_url")
				p.Report(validate.Finding{
					Place:       place,
					Message:     fmt.Sprintf("%s calls %s by TLS of its own, and %s has the gateway's Istio sidecar put TLS around what goes to port %d there", a.name(), target.Host, r.ID, port),
					Consequence: "the server finds TLS within TLS: 400, or the gateway's handshake ends in wrong version number; it arrives only where the gateway has no sidecar",
					Fix:         fmt.Sprintf("have the gateway call %s, and leave the TLS and its certificates to the DestinationRule; or take the tls of %s away", withoutUser(with.String()), r.ID),
					Related:     []validate.Place{p.At(r.Object, field)},
					Edits:       a.edits(place, with.String()),
				})
			}
		}
	},
}

// tlsAt is the mode of TLS that a policy has for a port, and where.
func tlsAt(t *networking.TrafficPolicy, port int) (networking.ClientTLSSettings_TLSmode, string) {
	for i, l := range t.GetPortLevelSettings() {
		if int(l.GetPort().GetNumber()) == port {
			return l.GetTls().GetMode(), fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d].tls", i)
		}
	}
	return t.GetTls().GetMode(), "spec.trafficPolicy.tls"
}
