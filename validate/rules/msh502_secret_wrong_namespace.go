package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh502 = validate.Rule{
	ID: "MSH502", Name: "secret-wrong-namespace", Category: validate.SecretNamespace, Severity: validate.Error,
	Title:   "a certificate's Secret is in another namespace than the proxy",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH502", credentialMiss(p, b)) },
	Check: func(p *validate.Pass) {
		externalElsewhere(p)
		lostFiles(p, func(l lostFile) {
			other := l.at.elsewhere
			if other.object == nil {
				return
			}
			p.Report(l.shown(validate.Finding{
				Place:       l.named.by,
				Message:     fmt.Sprintf("%s has no file %s, which %s names: %s", l.who, l.named, l.named.by.Object, l.at.why),
				Consequence: "the pods of the workload do not start: they wait for the volume, MountVolume.SetUp failed, not found",
				Fix:         fmt.Sprintf("create it in the namespace of %s too: a pod mounts what is in its own namespace only", l.workload),
				Related:     []validate.Place{p.At(other.object, "metadata.namespace")},
			}))
		})
	},
}
