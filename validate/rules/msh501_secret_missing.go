package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh501 = validate.Rule{
	ID: "MSH501", Name: "secret-missing", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a certificate's Secret is not there",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH501", credentialMiss(p, b)) },
	Check: func(p *validate.Pass) {
		lostFiles(p, func(l lostFile) {
			if l.at.missing {
				p.Report(l.shown(validate.Finding{
					Place:       l.named.by,
					Message:     fmt.Sprintf("%s has no file %s, which %s names: %s", l.who, l.named, l.named.by.Object, l.at.why),
					Consequence: "the pods of the workload do not start: they wait for the volume, MountVolume.SetUp failed, not found; where it is optional, " + l.then,
					Fix:         fmt.Sprintf("create it in the namespace of %s, or correct its name", l.workload),
				}))
			}
		})
		for _, r := range p.Objects.Routes {
			n, ok := externalMissing(p, r)
			if !ok || !p.Index.Lacks("Secret", n.namespace) || (source{kind: "Secret", name: n.name}).elsewhere(p, n.namespace).object != nil {
				continue
			}
			p.Report(validate.Finding{
				Place:       n.by,
				Message:     fmt.Sprintf("%s names Secret %s for its certificate, which is not there", r.ID, n.name),
				Consequence: "the API server refuses the Route, or the router rejects it (ExternalCertificateValidationFailed)",
				Fix:         fmt.Sprintf("create Secret %s in namespace %s, of type kubernetes.io/tls, or correct the name", n.name, n.namespace),
			})
		}
	},
}
