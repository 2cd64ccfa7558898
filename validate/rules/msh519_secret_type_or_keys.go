package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh519 = validate.Rule{
	ID: "MSH519", Name: "secret-type-or-keys", Category: validate.NoSecret, Severity: validate.Error, Anywhere: true,
	Title:   "what a Secret or a Route holds cannot be read as a certificate, a key or a CA",
	Check:   materialFaults("MSH519"),
	Of:      []traffic.Cause{traffic.SecretKeys},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := b.Last()
		for _, name := range secretsAt(h) {
			s, held := secretsOf(p)[name]
			if !held {
				continue
			}
			_, faults := reader(p).Secret(valuesOf(s))
			i := slices.IndexFunc(faults, func(f pki.Fault) bool { return f.Rule == "MSH519" && told(f) })
			if i < 0 {
				continue
			}
			f := faults[i]
			one := shown{object: s.Object, id: s.ID.String(), values: "data"}
			return p.Broken(b, n, validate.Finding{
				Place:       p.At(s.Object, one.field(f)),
				Message:     fmt.Sprintf("%s, which %s needs: %s", s.ID, by(h), f.Message),
				Consequence: "the proxy waits for a certificate that never comes: connections are reset, 503 UF, secret not supplied",
				Fix:         Sentence(f.Fix),
				Related:     []validate.Place{credentialPlace(p, h)},
			})
		}
		return false
	},
}

// secretsAt are the Secrets, as NAMESPACE/NAME, that a proxy needs on the side of TLS at which a way ends.
func secretsAt(h *traffic.Hop) []string {
	refs := []string{h.Verify.Client.Credential, h.Verify.Server.CA}
	if h.Terminates != nil && h.Wire.Mode == "" {
		refs = []string{h.Terminates.Credential, h.Terminates.ClientCA}
	}
	var all []string
	for _, ref := range refs {
		if name, ok := strings.CutPrefix(ref, "secret "); ok {
			all = append(all, name)
		}
	}
	return all
}
