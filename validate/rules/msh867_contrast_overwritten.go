package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh867 = validate.Rule{
	ID: "MSH867", Name: "contrast-overwritten", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "annotations and the sidecar of a pod say different things, and the next contrast generate takes the annotations",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			s := c.source()
			if s.Place == contrast.InEnvironment || !c.mesh.Injected {
				continue
			}
			for _, other := range c.mesh.Sources {
				if other.Place != contrast.InEnvironment || !c.said(other) || !c.said(s) {
					continue
				}
				for _, field := range []contrast.Field{contrast.InIngress, contrast.InEgress, contrast.InAdminPort} {
					annotated, written := s.Value(field), other.Value(field)
					if annotated.Text == written.Text {
						continue
					}
					p.Report(validate.Finding{
						Place:       c.where(p, written),
						Message:     fmt.Sprintf("the %s of %s is %q by its annotations, and %q in the sidecar", stringNames[field], c.object.ID, annotated.Text, written.Text),
						Consequence: "the pod runs as the sidecar says, until contrast generate writes the sidecar anew from the annotations",
						Fix:         "change the annotations, and run contrast generate; or, where the sidecar is yours, leave the annotations away",
						Related:     []validate.Place{c.where(p, annotated)},
						Edits:       c.asAnnotated(p, annotated, written),
					})
				}
			}
		}
	},
}

// asAnnotated writes what an annotation says into the sidecar.
func (c contrastPod) asAnnotated(p *validate.Pass, annotated, written contrast.Value) []validate.Edit {
	if !strings.HasSuffix(written.Field, ".value") {
		return nil // the variable is not there
	}
	at := c.where(p, written)
	return []validate.Edit{{Object: at.Object, Field: at.Field, Value: annotated.Text}}
}
