package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh223 = validate.Rule{
	ID: "MSH223", Name: "se-sans-used-for-simple", Category: validate.SAN, Severity: validate.Error,
	Title: "the names that the certificate must have come from the ServiceEntry, and are of another kind",
	Of:    []traffic.Cause{traffic.WrongName},
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		h, n := b.Sender()
		f, ok := namesOfEntry(p, h)
		if !ok {
			return false
		}
		last, _ := b.Last()
		f.Message += fmt.Sprintf(", and the server is %s", last.Workload)
		f.Fix = "correct them, or set those of the server in the DestinationRule"
		return p.Broken(b, n, f)
	},
	Check: func(p *validate.Pass) {
		encrypting(p, func(path *traffic.Path, i int, h *traffic.Hop, tls block) {
			f, ok := namesOfEntry(p, h)
			if !ok || i+1 < len(path.Hops) || h.Verify.Server.CA == "" {
				return
			}
			ofMesh := 0
			for _, name := range h.Verify.Server.Names {
				if strings.HasPrefix(name, "spiffe://") {
					ofMesh++
				}
			}
			switch {
			case h.Wire.Mode == traffic.IstioMutual && ofMesh == 0:
				f.Message += ", and certificates of the mesh have SPIFFE names only"
				f.Fix = "write spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICEACCOUNT of the workload there, or take them out and give the endpoints their serviceAccount"
			case h.Wire.Mode != traffic.IstioMutual && ofMesh == len(h.Verify.Server.Names):
				f.Message += ", and no certificate of a public CA has such a name"
				f.Fix = fmt.Sprintf("set subjectAltNames: [%s] in %s", h.Destination.Host, tls.by)
				if !wildcard(h.Destination.Host) && !wildcard(tls.of.Spec.Host) {
					f.Edits = []validate.Edit{{Object: p.Of(tls.by).Object, Field: tls.by.Field + ".subjectAltNames", Value: []any{h.Destination.Host}}}
				}
				if h.Verify.Server.CA != "system" { // a CA of one's own may well sign such names
					f.Severity = validate.Info
				}
			default:
				return
			}
			p.Report(validate.Shown(path, i+1, f))
		})
	},
}

// namesOfEntry is what to say where the names that a hop asks for are those of a ServiceEntry.
func namesOfEntry(p *validate.Pass, h *traffic.Hop) (validate.Finding, bool) {
	entry, ok := entryBehind(p, h)
	rule, _ := validate.Decided(h, "DestinationRule")
	tls, said := blockOf(p, rule)
	if !ok || said && len(tls.SubjectAltNames) > 0 || len(entry.Spec.SubjectAltNames) == 0 ||
		!slices.ContainsFunc(h.Verify.Server.Names, func(n string) bool { return slices.Contains(entry.Spec.SubjectAltNames, n) }) {
		return validate.Finding{}, false
	}
	return validate.Finding{
		Place:       p.At(entry.Object, "spec.subjectAltNames"),
		Message:     fmt.Sprintf("%s accepts %s by the subjectAltNames of %s only, as no DestinationRule sets any: %s", by(h), h.Destination, entry.ID, strings.Join(entry.Spec.SubjectAltNames, ", ")),
		Consequence: "the handshake fails: 503 UF, CERTIFICATE_VERIFY_FAILED",
		Related:     related(p, h, "DestinationRule"),
	}, true
}
