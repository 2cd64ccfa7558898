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
	Check:   countedOn,
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
