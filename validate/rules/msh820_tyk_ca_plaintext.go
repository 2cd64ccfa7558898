package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// https://github.com/cloudflare/cfssl/blob/v1.4.1/api/client/client.go, normalizeURL
var msh820 = validate.Rule{
	ID: "MSH820", Name: "tyk-ca-plaintext", Category: validate.Unverified, Severity: validate.Warning, Anywhere: true,
	Title: "tyk-k8s asks its CA for certificates without TLS, or by TLS that it cannot verify",
	Check: func(p *validate.Pass) {
		for _, c := range tykConfigs(p) {
			if c.CA.Addr == "" {
				continue
			}
			f := validate.Finding{Place: c.place(p, "CA.addr")}
			host := strings.Trim(strings.TrimPrefix(strings.TrimSpace(c.CA.Addr), "https://"), "/")
			host, _, _ = strings.Cut(host, ":")
			switch {
			case !strings.HasPrefix(strings.TrimSpace(c.CA.Addr), "https://"):
				f.Message = "CA.addr is no https URL: what the controller asks the CA, and what that answers, goes over the network in plaintext"
				f.Consequence = "whoever is between can give the controller a certificate of another CA; the authentication key itself is never sent"
				if c.CA.Secure {
					f.Message += ", and CA.secure does nothing about it"
				}
				f.Fix = "put a proxy with a certificate in front of CFSSL, write https, and keep all others away from it by a NetworkPolicy"
			case !c.CA.SkipCACheck && isPrivate(host): // with it, MSH808
				f.Message = fmt.Sprintf("the certificate of %s is verified by the public CAs of the controller's image, and no public CA signs for that name; the configuration has no key for another CA", host)
				f.Consequence = "the controller does not reach the CA: certificate signed by unknown authority, and no pod is admitted"
				f.Fix = "give the controller's container the variable SSL_CERT_FILE with a bundle that has the CA"
				file, known := controllerHas(p, "SSL_CERT_FILE")
				folder, _ := controllerHas(p, "SSL_CERT_DIR")
				if file || folder {
					continue
				}
				if !known {
					f.Severity = validate.Info
				}
			default:
				continue
			}
			p.Report(f)
		}
	},
}
