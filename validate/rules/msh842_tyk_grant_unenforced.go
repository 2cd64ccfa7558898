package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh842 = validate.Rule{
	ID: "MSH842", Name: "tyk-grant-unenforced", Category: validate.Other, Severity: validate.Info, Anywhere: true,
	Title: "tyk-k8s does not read who may call a workload",
	Check: func(p *validate.Pass) {
		on, known := tykTLS(p)
		for _, g := range tykGrants(p) {
			if len(g.groups) == 0 || known && !on || g.mutual(p) {
				continue // MSH841, MSH840
			}
			p.Report(validate.Finding{
				Place:       g.at,
				Message:     fmt.Sprintf("%s says who may call it, and tyk-k8s reads no such annotation; no API definition of the files asks callers of %s for a certificate", g.object.ID, g.host()),
				Consequence: "everybody calls it, whatever the annotation says",
				Fix:         "have the API definition made with use_mutual_tls_auth and client_certificates: scenario tyk grants writes down which",
			})
		}
	},
}
