package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh816 = validate.Rule{
	ID: "MSH816", Name: "contrast-runtimeclass", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a pod is told of Contrast's mesh, and does not run by Contrast's runtime class",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			if c.confidential() || c.Spec.RuntimeClassName != nil && bundle.HasGap(*c.Spec.RuntimeClassName) {
				continue
			}
			f := validate.Finding{
				Place:       p.At(c.object, c.at("spec")),
				Message:     fmt.Sprintf("%s has annotations of Contrast's service mesh, and no runtimeClassName", c.object.ID),
				Consequence: "contrast generate passes over the pod: it runs outside a confidential container, without sidecar, and takes and sends everything in the clear",
				Fix:         fmt.Sprintf("set runtimeClassName: %s, which contrast generate completes for the platform", contrast.RuntimeClassPrefix),
				Edits:       []validate.Edit{{Object: p.At(c.object, "").Object, Field: c.at("spec.runtimeClassName"), Value: contrast.RuntimeClassPrefix}},
			}
			if c.source().Place == contrast.InEnvironment {
				f.Message = fmt.Sprintf("%s has a sidecar of Contrast's service mesh, and no runtimeClassName", c.object.ID)
				f.Consequence = "nothing attests a pod outside a confidential container: the Coordinator gives it no certificate, and it stays in Init"
			}
			if c.Spec.RuntimeClassName != nil {
				f.Place = p.At(c.object, c.at("spec.runtimeClassName"))
				f.Message = fmt.Sprintf("%s has configuration of Contrast's service mesh, and the runtime class %q is none of Contrast's: their names begin with %s", c.object.ID, *c.Spec.RuntimeClassName, contrast.RuntimeClassPrefix)
			}
			if c.object.Kustomized {
				f.Severity = validate.Warning // a patch may set it
			}
			p.Report(f)
		}
	},
}
