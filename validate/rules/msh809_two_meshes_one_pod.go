package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/validate"
)

var msh809 = validate.Rule{
	ID: "MSH809", Name: "two-meshes-one-pod", Category: validate.Other, Severity: validate.Error, Anywhere: true,
	Title: "a pod gets the sidecars of two meshes, which both lead its connections",
	Check: func(p *validate.Pass) {
		for _, t := range templates(p) {
			other, at, why := otherMesh(p, t)
			if other == "" {
				continue
			}
			istio, edits := istioIn(p, t)
			if istio == "" {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(t.object, istio),
				Message:     fmt.Sprintf("%s gets the sidecar of Istio, and that of %s", t.object.ID, other),
				Consequence: why,
				Fix:         fmt.Sprintf("have one mesh in the pod: keep Istio's sidecar out of it by the label sidecar.istio.io/inject: \"false\"; or take %s's configuration away", other),
				Related:     []validate.Place{p.At(t.object, at)},
				Edits:       edits,
			})
		}
	},
}
