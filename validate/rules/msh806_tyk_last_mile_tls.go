package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh806 = validate.Rule{
	ID: "MSH806", Name: "tyk-last-mile-tls", Category: validate.PlaintextToTLS, Severity: validate.Error, Anywhere: true,
	Title: "of two sides of Tyk's mesh one speaks TLS and the other does not",
	Check: func(p *validate.Pass) {
		for _, c := range tykConfigs(p) {
			if c.has("Injector") {
				halfTLS(p, c)
			}
		}
		on, known := tykTLS(p)
		if !known {
			return
		}
		for _, w := range tykPods(p) {
			for _, c := range tykCalls(p, w.template) {
				if c.Host != meshHost || !c.captured() || c.tls() == on {
					continue
				}
				f := validate.Finding{
					Place:       c.at,
					Message:     fmt.Sprintf("%s calls %s, and the mesh has no last-mile TLS (enableMeshTLS: false)", w.object.ID, c),
					Consequence: lostTo(p, c),
					Fix:         "call " + c.toMesh(p),
					Edits:       c.instead(c.toMesh(p)),
				}
				if on {
					f.Message = fmt.Sprintf("%s calls %s, and with last-mile TLS (enableMeshTLS: true) its sidecar serves TLS alone", w.object.ID, c)
				} else {
					f.Category = validate.TLSToPlaintext
				}
				p.Report(f)
			}
		}
	},
}

// halfTLS reports a sidecar that does not serve what the mesh APIs are to call.
func halfTLS(p *validate.Pass, c tykConfig) {
	sidecar, path, ok := c.sidecar()
	if !ok {
		return
	}
	value, i := variableOf(sidecar, tyk.UseSSLEnv)
	serves := truth(value)
	if serves == c.Injector.EnableMeshTLS {
		return
	}
	place := c.place(p, path+".env")
	if i >= 0 {
		place = c.place(p, fmt.Sprintf("%s.env[%d]", path, i))
	}
	f := validate.Finding{
		Place:       place,
		Message:     fmt.Sprintf("enableMeshTLS is true, so that sidecars call each other by https, and %s of container %s is not true: none of them serves it", tyk.UseSSLEnv, sidecar.Name),
		Consequence: "each call through the mesh ends in 500 (There was a problem proxying the request): first record does not look like a TLS handshake",
		Fix:         fmt.Sprintf("set %s: \"true\" in the environment of %s", tyk.UseSSLEnv, sidecar.Name),
		Related:     []validate.Place{c.place(p, "Injector.enableMeshTLS")},
	}
	if serves {
		f.Message = fmt.Sprintf("%s of container %s is true, so that sidecars serve TLS alone, and enableMeshTLS is false: they call each other by http, and have no certificate", tyk.UseSSLEnv, sidecar.Name)
		f.Consequence = "each call, of an application or of another sidecar, ends in 400, Client sent an HTTP request to an HTTPS server"
		f.Fix = fmt.Sprintf("set %s: \"false\", or enableMeshTLS: true with the section CA that it needs", tyk.UseSSLEnv)
	} else {
		f.Category = validate.TLSToPlaintext
	}
	p.Report(f)
}
