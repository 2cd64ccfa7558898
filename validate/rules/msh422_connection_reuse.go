package rules

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh422 = validate.Rule{
	ID: "MSH422", Name: "connection-reuse", Category: validate.GatewayTLS, Severity: validate.Warning,
	Title: "two servers of one gateway's port show the same certificate",
	Check: func(p *validate.Pass) {
		for _, pod := range gatewayPods(p) {
			firsts := map[string]placed{}
			for _, s := range serversOf(p, pod) {
				at := fmt.Sprint(s.listens, s.Bind, s.GetTls().GetCredentialName())
				first, known := firsts[at]
				if !s.web() || !known {
					if s.web() {
						firsts[at] = s
					}
					continue
				}
				one, two := strings.Join(first.Hosts, ", "), strings.Join(s.Hosts, ", ")
				who := fmt.Sprintf("%s (%s) and %s (%s)", first.of.ID, one, s.of.ID, two)
				if first.of.ID == s.of.ID {
					who = fmt.Sprintf("two servers of %s, for %s and for %s,", s.of.ID, one, two)
				}
				f := validate.Finding{
					Place: p.At(s.of.Object, s.field+".tls.credentialName"),
					Message: fmt.Sprintf("%s show the same certificate %s on port %d of gateway %s: a client of HTTP/2 that has a connection to one host uses it for the other",
						who, s.Tls.CredentialName, s.GetPort().GetNumber(), podName(pod)),
					Consequence: "the gateway looks for such requests among the routes of the server that the connection was made to: 404 (NR), now and then, in browsers",
					Fix:         fmt.Sprintf("write one server with the hosts of both and the certificate %s, in one Gateway that the VirtualServices of both name; or give each host a certificate that is not good for the other", s.Tls.CredentialName),
					Related:     []validate.Place{p.At(first.of.Object, first.field+".tls.credentialName")},
				}
				if proto.Equal(first.Tls, s.Tls) {
					f.Fix, f.Edits = s.into(p, first)
					f.Fix += "; or give each host a certificate that is not good for the other"
				}
				p.Report(f)
			}
		}
	},
}

// web tells whether a server takes the TLS off what browsers send, with a certificate of its own.
func (s placed) web() bool {
	return !s.dropped && strings.EqualFold(s.GetPort().GetProtocol(), "HTTPS") && s.terminates() && s.Tls.CredentialName != "" &&
		s.Tls.Mode != networking.ServerTLSSettings_ISTIO_MUTUAL
}
