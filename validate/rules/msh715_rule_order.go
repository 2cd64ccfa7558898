package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh715 = validate.Rule{
	ID: "MSH715", Name: "rule-order", Category: validate.Peer, Severity: validate.Warning, Border: true,
	Title: "an earlier rule takes what a later one is for",
	Check: func(p *validate.Pass) {
		if len(federated(p)) == 0 {
			return
		}
		for _, s := range p.Objects.Exports {
			var all []*mesh.ServiceNameMapping
			for _, r := range s.Spec.Spec.ExportRules {
				all = append(all, r.NameSelector)
			}
			shadowed(p, s.Object, s.ID, "spec.exportRules", all)
		}
		for _, s := range p.Objects.Imports {
			var all []*mesh.ServiceNameMapping
			for i, r := range s.Spec.Spec.ImportRules {
				if skipped(s, i) != "" {
					r.NameSelector = nil
				}
				all = append(all, r.NameSelector)
			}
			shadowed(p, s.Object, s.ID, "spec.importRules", all)
		}
	},
}

// shadowed reports rules by name that come behind one which takes all that they are for. Of rules by label, names tell
// nothing.
func shadowed(p *validate.Pass, o *bundle.Object, id bundle.ID, field string, rules []*mesh.ServiceNameMapping) {
	for j, late := range rules {
		for i, early := range rules[:j] {
			if late == nil || early == nil || !offered(early, star(late.Namespace)+"/"+star(late.Name)) {
				continue
			}
			p.Report(validate.Finding{
				Place:       p.At(o, fmt.Sprintf("%s[%d]", field, j)),
				Message:     fmt.Sprintf("%s: rule %d takes %s/%s before rule %d does", id, i+1, star(late.Namespace), star(late.Name), j+1),
				Consequence: "the first rule that fits counts: this one never does, nor its alias",
				Fix:         "put rules for one service before those for many",
				Related:     []validate.Place{p.At(o, fmt.Sprintf("%s[%d]", field, i))},
			})
			break
		}
	}
}
