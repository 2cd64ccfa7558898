package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh729 = validate.Rule{
	ID: "MSH729", Name: "remote-identity", Category: validate.SAN, Severity: validate.Error, Border: true, Special: true,
	Title: "a service of another mesh is expected to be somebody else",
	Of:    []traffic.Cause{traffic.WrongName},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		last, n := b.Last()
		sender, _ := crossing(b)
		if b.Mesh == "" || last.Terminates == nil || sender == nil {
			return false
		}
		d, ok := validate.Decided(sender, "ServiceEntry")
		if !ok {
			return false
		}
		f := validate.Finding{
			Place:       p.Of(d),
			Message:     fmt.Sprintf("%s of %s is %s, and the caller expects %s", last.Workload, nameOf(p), last.Terminates.Identity, strings.Join(sender.Verify.Server.Names, " or ")),
			Consequence: "the caller's proxy ends the handshake (CERTIFICATE_VERIFY_FAILED, SAN matcher): 503 (UF)",
			Fix:         "write " + last.Terminates.Identity + " in subjectAltNames",
		}
		if o := p.Object(d); o != nil {
			f.Place = p.At(o, writtenAt(o, "spec.subjectAltNames", "spec.hosts"))
			f.Edits = set(p, o, "spec.subjectAltNames", []any{last.Terminates.Identity})
		}
		return p.Broken(b, n, f)
	},
}

// crossing is the last hop of the own mesh, and its number.
func crossing(b *validate.Break) (*traffic.Hop, int) {
	for i := len(b.Hops) - 1; i >= 0; i-- {
		if b.Hops[i].Mesh == "" {
			return &b.Hops[i], i + 1
		}
	}
	return nil, 0
}
