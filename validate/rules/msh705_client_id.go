package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh705 = validate.Rule{
	ID: "MSH705", Name: "client-id", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "clientID is not who the other mesh's egress gateway is",
	Check: func(p *validate.Pass) {
		for _, one := range federated(p) {
			security := one.Spec.Spec.Security
			f := validate.Finding{
				Place:       p.At(one.Object, writtenAt(one.Object, "spec.security.clientID", "spec.security")),
				Consequence: "the ingress gateway refuses the peer's discovery (403) and calls: it imports nothing of this mesh",
			}
			wrong := func(message, fix, better string) {
				f.Message, f.Fix = message, fix
				if better != "" {
					f.Fix = "write " + better
					f.Edits, f.Safe = set(p, one.Object, "spec.security.clientID", better), true
				}
				p.Report(f)
			}
			const form = "TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT of its egress gateway"
			id := security.ClientID
			domain, namespace, account, ok := identity(id)
			theirs, both := far(p, one)
			switch {
			case id == "":
				wrong(fmt.Sprintf("%s does not say who the peer's egress gateway is (clientID)", one.ID), "write "+form, "")
			case !ok:
				wrong(fmt.Sprintf("%s: clientID %q is no %s", one.ID, id, form), "write "+form, "")
			case strings.HasPrefix(id, "spiffe://"):
				wrong(fmt.Sprintf("%s: clientID begins with spiffe://, and is compared with what has no such beginning", one.ID), "", strings.TrimPrefix(id, "spiffe://"))
			case both:
				egress := theirs.Spec.Spec.Gateways.Egress.Name
				want := systemOf(p.Peer, theirs) + "/" + egress + "-service-account"
				if !hasGateway(p.Peer, theirs, egress) {
					continue // which it is instead, that mesh has to tell
				}
				trust, _ := trustDomainOf(p.Peer)
				if namespace+"/"+account == want && (domain == trust || domain == security.TrustDomain) {
					continue // another trust domain of the peer is its own mistake
				}
				wrong(fmt.Sprintf("%s admits %s, and the egress gateway of %s is %s", one.ID, id, nameOf(p), clientID(trust, want)), "", clientID(trust, want))
			case domain != security.TrustDomain && security.TrustDomain != "":
				wrong(fmt.Sprintf("%s: clientID is of trust domain %s, and the peer's is %s", one.ID, domain, security.TrustDomain), "", clientID(security.TrustDomain, namespace+"/"+account))
			case !strings.HasSuffix(account, "-service-account"):
				f.Severity = validate.Warning
				wrong(fmt.Sprintf("%s: the account %s is none that the operator gives a gateway: those end in -service-account", one.ID, account), "write the name of the peer's egress gateway and -service-account", clientID(domain, namespace+"/"+account+"-service-account"))
			}
		}
	},
}

// clientID is an identity as a peer has it; at is NAMESPACE/ACCOUNT.
func clientID(domain, at string) string {
	namespace, account, _ := strings.Cut(at, "/")
	return domain + "/ns/" + namespace + "/sa/" + account
}
