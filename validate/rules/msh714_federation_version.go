package rules

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh714 = validate.Rule{
	ID: "MSH714", Name: "federation-version", Category: validate.Schema, Severity: validate.Error, Border: true,
	Title: "the control plane is of a version that knows no federation",
	Check: func(p *validate.Pass) {
		if p.Target.ControlPlane != mesh.SMCP {
			return // there the kinds themselves are unknown, which another rule says
		}
		for _, one := range p.Objects.Peers {
			c, ok := planeOf(p, one.ID.Namespace)
			if !ok || !strings.HasPrefix(c.Spec.Version, "v1.") && c.Spec.Version != "v2.0" {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(c.object, "spec.version"),
				Message:     fmt.Sprintf("%s is of version %s, and federation came with v2.1", planeID(c), c.Spec.Version),
				Consequence: "its istiod does not read " + one.ID.String() + ", nor what is exported or imported by it",
				Fix:         "update it, to v2.6",
				Related:     []validate.Place{p.At(one.Object, "metadata.name")},
				Edits:       set(p, c.object, "spec.version", "v2.6"),
			})
			return
		}
	},
}
