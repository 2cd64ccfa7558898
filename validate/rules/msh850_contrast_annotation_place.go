package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

// contrastAnnotations are those that configure the mesh.
var contrastAnnotations = []string{contrast.IngressAnnotation, contrast.EgressAnnotation, contrast.AdminPortAnnotation}

var msh850 = validate.Rule{
	ID: "MSH850", Name: "contrast-annotation-place", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "annotations of Contrast's mesh stand where newer releases do not read them",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			var first string
			var edits []validate.Edit
			at := p.At(c.object, "").Object
			for _, key := range contrastAnnotations {
				value, set := metadata(c.object).Annotations[key]
				if _, there := c.Metadata.Annotations[key]; !set || there || c.field == "" {
					continue
				}
				from := fmt.Sprintf("metadata.annotations[%q]", key)
				if first == "" {
					first = from
				}
				edits = append(edits, validate.Edit{Object: at, Field: c.at(from), Value: value}, validate.Edit{Object: at, Field: from})
			}
			if first == "" {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(c.object, first),
				Message:     fmt.Sprintf("%s has annotations of Contrast's mesh on itself, and not on its pods", c.object.ID),
				Consequence: "contrast generate passes over them since release 1.13: the pods get no sidecar, and take and send everything in the clear (up to 1.12 it read only these)",
				Fix:         fmt.Sprintf("move them to %s", c.at("metadata.annotations")),
				Edits:       edits,
			})
		}
	},
}
