package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh422 = validate.Rule{
	ID: "MSH422", Name: "connection-reuse", Category: validate.GatewayTLS, Severity: validate.Warning,
	Title: "two servers of one gateway's port show the same certificate",
	Check: func(p *validate.Pass) {
		for _, pod := range gatewayPods(p) {
			servers := serversOf(p, pod)
			for i, s := range servers {
				at := slices.IndexFunc(servers[:i], func(first placed) bool { return reuses(first, s) })
				if at < 0 {
					continue
				}
				first := servers[at]
				p.Report(validate.Finding{
					Place: p.At(s.of.Object, s.field+".tls.credentialName"),
					Message: fmt.Sprintf("%s (%s) and %s (%s) show the same certificate %s on port %d of gateway %s: a client of HTTP/2 that has a connection to one host uses it for the other",
						first.of.ID, strings.Join(first.Hosts, ", "), s.of.ID, strings.Join(s.Hosts, ", "), s.Tls.CredentialName, s.GetPort().GetNumber(), podName(pod)),
					Consequence: "the gateway looks for such requests among the routes of the server that the connection was made to: 404 (NR), now and then, in browsers",
					Fix:         fmt.Sprintf("write one server with the hosts of both and the certificate %s, in one Gateway that the VirtualServices of both name; or give each host a certificate that is not good for the other", s.Tls.CredentialName),
					Related:     []validate.Place{p.At(first.of.Object, first.field+".tls.credentialName")},
				})
			}
		}
	},
}

// reuses tells whether a client of one server may use its connection for the hosts of another.
func reuses(a, b placed) bool {
	web := func(s placed) bool {
		return !s.dropped && strings.EqualFold(s.GetPort().GetProtocol(), "HTTPS") && s.terminates() && s.Tls.CredentialName != "" &&
			s.Tls.Mode != networking.ServerTLSSettings_ISTIO_MUTUAL
	}
	return web(a) && web(b) && a.listens == b.listens && a.Bind == b.Bind && a.Tls.CredentialName == b.Tls.CredentialName
}
