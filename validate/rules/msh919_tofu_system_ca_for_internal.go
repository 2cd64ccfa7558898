package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh919 = validate.Rule{
	ID: "MSH919", Name: "tofu-system-ca-for-internal", Category: validate.Unverified, Severity: validate.Warning,
	Title: "an internal host is verified by the public authorities",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			if path.Outcome.Code != traffic.Arrives {
				continue
			}
			for i := range path.Hops {
				h := &path.Hops[i]
				rule, ok := validate.Decided(h, "DestinationRule")
				if !ok || !trustsPublicForInternal(path.Hops, i) {
					continue
				}
				p.Report(validate.Shown(path, i+1, validate.Finding{
					Place:       p.Of(rule),
					Message:     fmt.Sprintf("%s verifies %s, a name that no public authority may certify, by the public ones of the proxy's image, and without a name", by(h), h.Destination),
					Consequence: "any certificate of any public site will do, and the host's own, by a CA of your own, will not",
					Fix:         fmt.Sprintf("name your own CA (caCertificates or credentialName) and subjectAltNames: [%s] where %s sets tls", h.Destination.Host, rule),
				}))
			}
		}
	},
}

// trustsPublicForInternal tells whether a hop takes any certificate of a public authority for a host that can have none.
func trustsPublicForInternal(hops []traffic.Hop, i int) bool {
	h := &hops[i]
	return originates(hops, i) && h.Wire.Mode != traffic.IstioMutual && h.Verify.Server.CA == "system" && len(h.Verify.Server.Names) == 0 && internal(h.Destination.Host)
}

// internal tells whether a host is in a domain that is kept from public use (RFC 6762, RFC 8375, ICANN's .internal), or
// that public authorities do not certify.
func internal(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return slices.Contains([]string{"local", "internal", "corp", "lan", "home", "intra", "intranet", "private"}, strings.ToLower(last)) ||
		strings.HasSuffix(host, ".home.arpa")
}
