package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var msh501 = validate.Rule{
	ID: "MSH501", Name: "secret-missing", Category: validate.NoSecret, Severity: validate.Error,
	Title:   "a certificate's Secret is not there",
	Of:      credentialCauses,
	Explain: func(p *validate.Pass, b *validate.Break) bool { return report(p, b, "MSH501", credentialMiss(p, b)) },
	Check: func(p *validate.Pass) {
		countedOn(p)
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

// countedOn tells of Secrets that are taken to be there, because they are named and nothing says otherwise.
func countedOn(p *validate.Pass) {
	told := map[string]bool{}
	for _, path := range p.Paths {
		for _, what := range path.Assumed {
			kind, name, _ := strings.Cut(what, " ")
			if kind != "Secret" && kind != "ConfigMap" || told[what] {
				continue
			}
			for i := range path.Hops {
				h := &path.Hops[i]
				credential := strings.ToLower(kind) + " " + name
				if h.Verify.Server.CA != credential && h.Verify.Client.Credential != credential && (h.Terminates == nil || h.Terminates.Credential != credential) {
					continue
				}
				place := credentialPlace(p, h)
				if server, ok := validate.Decided(h, "Gateway"); ok && h.Terminates != nil && h.Terminates.Credential == credential {
					place = serverPlace(p, h, server)
				}
				if place.Object == (validate.Object{}) || told[what] {
					continue
				}
				told[what] = true
				p.Report(validate.Shown(path, i+1, validate.Finding{
					Place: place, Severity: validate.Info,
					Message: fmt.Sprintf("%s, which %s needs, is not in the files: they do not tell whether it is there, nor what it holds", what, by(h)),
					Fix:     fmt.Sprintf("check it together with the files; or say --assume %s/%s, where it is known to be there", kind, name),
				}))
			}
		}
	}
}
