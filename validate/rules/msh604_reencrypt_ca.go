package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh604 = validate.Rule{
	ID: "MSH604", Name: "reencrypt-ca", Category: validate.CA, Severity: validate.Error,
	Title:   "a Route that encrypts again does not know who signed the certificate behind it",
	Of:      routerCauses,
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH604", routerMiss(p, b)) },
	// The walk takes it that certificates fit. Without a CA of its own, the router takes what the service CA of the cluster
	// signed for the Service's name.
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			for i := range path.Hops {
				router := &path.Hops[i]
				if router.Proxy != traffic.Router || router.Verify.Server.CA == "" || i+1 == len(path.Hops) {
					continue
				}
				next := &path.Hops[i+1]
				d, ok := validate.Decided(router, "Route")
				if next.Proxy != traffic.Gateway || next.Terminates == nil || !ok {
					continue
				}
				scheme, name, _ := strings.Cut(next.Terminates.Credential, " ")
				if scheme != "secret" && scheme != "file" || servingSecret(p, name) {
					continue
				}
				shows, secret := "file "+name, ""
				if scheme == "secret" {
					shows, secret = "Secret "+name, name
				}
				if router.Verify.Server.CA != "service CA" {
					if fault := distrust(p, router, next); fault != "" {
						p.Report(validate.Shown(path, i+1, validate.Finding{
							Place:       p.At(p.Object(d), "spec.tls.destinationCACertificate"),
							Message:     fmt.Sprintf("%s verifies the gateway by destinationCACertificate, which does not fit %s: %s", d, shows, fault),
							Consequence: "the router refuses the certificate and answers 503",
							Fix:         fmt.Sprintf("put the CA that signed the certificate of %s into destinationCACertificate", shows),
							Related:     related(p, next, "Gateway"),
							Edits:       trustItsCA(p, d, secret),
						}))
					}
					continue
				}
				f := validate.Finding{
					Place:       p.At(p.Object(d), "spec.tls.destinationCACertificate"),
					Severity:    validate.Warning,
					Message:     fmt.Sprintf("%s encrypts again without destinationCACertificate, so the gateway must show a certificate of the cluster's service CA for %s, and it shows that of %s", d, strings.Join(router.Verify.Server.Names, ", "), shows),
					Consequence: "unless the service CA made that one, the router refuses the certificate and answers 503",
					Fix:         fmt.Sprintf("set spec.tls.destinationCACertificate of %s to the CA that signed the certificate of %s", d, shows),
					Related:     related(p, next, "Gateway"),
					Edits:       trustItsCA(p, d, secret),
				}
				if holds, _ := inSecret(p, secret); len(holds.Chain) > 0 && !holds.Names().AnswerAny(router.Verify.Server.Names) {
					f.Severity, f.Consequence = validate.Error, "the router refuses the certificate, which is not for that name, and answers 503"
				}
				p.Report(validate.Shown(path, i+1, f))
			}
		}
	},
}
