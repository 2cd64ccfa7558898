package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/validate"
)

var msh866 = validate.Rule{
	ID: "MSH866", Name: "contrast-empty-egress", Category: validate.Other, Severity: validate.Warning, Anywhere: true,
	Title: "the egress annotation is there and empty, which newer releases refuse",
	Check: func(p *validate.Pass) {
		for _, c := range meshedPods(p) {
			s := c.source()
			if s.Place == contrast.InEnvironment || !s.Egress.Set || s.Egress.Text != "" {
				continue
			}
			at := c.where(p, s.Egress)
			f := validate.Finding{
				Place:       at,
				Message:     fmt.Sprintf("%s has the annotation %s without a value", c.object.ID, contrast.EgressAnnotation),
				Consequence: "contrast generate of newer releases stops at it; older ones add the sidecar, which then asks for a certificate of the mesh at every port, and leads nothing out",
				Fix:         fmt.Sprintf("write the calls that are to be led out; or, if there are none, only %s: \"\"", contrast.IngressAnnotation),
				Edits:       []validate.Edit{{Object: at.Object, Field: at.Field}},
			}
			if s.Ingress.Set {
				f.Severity = validate.Info // the mesh is wanted all the same
				f.Fix = "leave it away"
			} else {
				f.Edits = append(f.Edits, validate.Edit{Object: at.Object, Field: s.Ingress.Field, Value: ""})
			}
			p.Report(f)
		}
	},
}
