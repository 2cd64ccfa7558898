package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh505 = validate.Rule{
	ID: "MSH505", Name: "private-ca-vs-system-bundle", Category: validate.CA, Severity: validate.Error,
	Title: "a server that no public CA can have signed for is verified by the public CAs",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			for i := range path.Hops {
				h := &path.Hops[i]
				rule, ok := validate.Decided(h, "DestinationRule")
				if !ok || h.Verify.Server.CA != "system" || !originates(path.Hops, i) {
					continue
				}
				if len(h.Verify.Server.Names) == 0 {
					continue // MSH919
				}
				private := privateHost(h)
				signed := fmt.Sprintf("no public CA signs certificates for %s", private)
				if i+1 < len(path.Hops) && path.Hops[i+1].Terminates != nil {
					private, signed = privateChain(p, &path.Hops[i+1])
				}
				if private == "" {
					continue
				}
				f := validate.Finding{
					Place:       p.Of(rule),
					Message:     fmt.Sprintf("%s verifies %s by the public CAs of the proxy's image, as %s names no CA, and %s", by(h), h.Destination, rule, signed),
					Consequence: "the handshake fails: 503 UF, TLS error CERTIFICATE_VERIFY_FAILED; up to Istio 1.20 the same rule verified nothing and so seemed to work",
					Fix:         fmt.Sprintf("give %s the CA of the server: credentialName with a Secret that has ca.crt, or caCertificates with a mounted file; and subjectAltNames", rule),
				}
				if o := p.Object(rule); o != nil && o.Has(rule.Field+".caCertificates") {
					f.Severity = validate.Warning // on purpose: the image may have more CAs
				}
				p.Report(validate.Shown(path, i+1, f))
			}
		}
	},
}

// notPublic are domains in which nobody owns a name, so that no public CA may sign for one (RFC 6762, RFC 8375, and names
// that ICANN keeps out of the root).
var notPublic = []string{".local", ".internal", ".corp", ".home", ".mail", ".lan", ".svc", ".intranet", ".private", ".home.arpa", ".localdomain", ".localhost"}

func isPrivate(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	return !strings.Contains(name, ".") || slices.ContainsFunc(notPublic, func(domain string) bool { return strings.HasSuffix(name, domain) })
}

// privateHost is the name that a hop asks the server for, if it is private whatever it goes by.
func privateHost(h *traffic.Hop) string {
	names := append([]string{h.Destination.Host}, h.Verify.Server.Names...)
	for _, name := range []string{h.Wire.SNI, h.Destination.Address} {
		if strings.Trim(name, "0123456789.:") != "" && !strings.Contains(name, ":") {
			names = append(names, name)
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return !isPrivate(n) }) {
		return ""
	}
	return h.Destination.Host
}

// privateChain says of the certificate that the next proxy shows why no public CA signed it, if that is sure.
func privateChain(p *validate.Pass, taker *traffic.Hop) (name, why string) {
	server := shownAs(p, taker.Terminates.Credential, taker.Workload, false)
	if server == nil {
		return "", ""
	}
	leaf, _ := server.material.Leaf()
	names := server.material.Names().All()
	switch private := slices.IndexFunc(names, isPrivate); {
	case leaf.SelfSigned():
		return server.id, fmt.Sprintf("the certificate of %s is signed by itself", server.id)
	case private >= 0:
		return server.id, fmt.Sprintf("the certificate of %s is for %s, for which no public CA signs", server.id, names[private])
	case leaf.NotAfter.Sub(leaf.NotBefore).Hours() > 825*24:
		return server.id, fmt.Sprintf("the certificate of %s is valid for longer than public CAs sign for", server.id)
	}
	return "", ""
}
