package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh512 = validate.Rule{
	ID: "MSH512", Name: "secret-name-suffix", Category: validate.NoSecret, Severity: validate.Error,
	Title: "the Secret of a certificate and key is named as one of a CA is",
	Check: func(p *validate.Pass) {
		for _, path := range p.Paths {
			for i := range path.Hops {
				h := &path.Hops[i]
				if name := namedAsCA(clientRef(h)); name != "" {
					if rule, ok := validate.Decided(h, "DestinationRule"); ok {
						p.Report(validate.Shown(path, i+1, asCAOnly(p, h, name, credentialAt(p, rule))))
					}
				}
				if name := namedAsCA(serverRef(h)); name != "" {
					if g, at := serverFor(p, h); g.Object != nil {
						p.Report(validate.Shown(path, i+1, asCAOnly(p, h, name, p.At(g.Object, at+".tls.credentialName"))))
					}
				}
			}
		}
	},
	// What such a request meets then is the same mistake.
	Of:      credentialCauses,
	Special: true,
	Explain: func(_ *validate.Pass, b *validate.Break) bool {
		h, _ := b.Last()
		return namedAsCA(clientRef(h)) != "" || namedAsCA(serverRef(h)) != ""
	},
}

func clientRef(h *traffic.Hop) string { return h.Verify.Client.Credential }

func serverRef(h *traffic.Hop) string {
	if h.Terminates == nil {
		return ""
	}
	return h.Terminates.Credential
}

// namedAsCA is the Secret of a pair that istiod takes for a CA, or "".
func namedAsCA(ref string) string {
	if name, ok := strings.CutPrefix(ref, "secret "); ok && strings.HasSuffix(name, "-cacert") {
		return name
	}
	return ""
}

func asCAOnly(p *validate.Pass, h *traffic.Hop, name string, at validate.Place) validate.Finding {
	return validate.Finding{
		Place:       at,
		Message:     fmt.Sprintf("%s needs a certificate and key, and istiod gives it the CA of Secret %s alone: it takes a name that ends in -cacert for a CA", by(h), name),
		Consequence: "the proxy waits for a certificate that never comes: connections are reset, 503 UF, secret not supplied",
		Fix:         fmt.Sprintf("rename the Secret, for example to %s, and credentialName with it", strings.TrimSuffix(name, "-cacert")),
		Edits:       renamedSecret(p, name, at),
	}
}
