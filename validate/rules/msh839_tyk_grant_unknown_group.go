package rules

import (
	"fmt"
	"slices"
	"strings"

	near "github.com/meshscenario/scenario/nearest"
	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

var msh839 = validate.Rule{
	ID: "MSH839", Name: "tyk-grant-unknown-group", Category: validate.Dangling, Severity: validate.Warning, Anywhere: true,
	Title: "a workload of Tyk's mesh is to be called by a group that nobody is in",
	Check: func(p *validate.Pass) {
		known := tykGroups(p)
		for _, g := range tykGrants(p) {
			for i, group := range g.groups {
				if slices.Contains(known, group) {
					continue
				}
				f := validate.Finding{
					Place: g.at, Severity: validate.Info, // its members may be in other files
					Message:     fmt.Sprintf("%s lets in callers of group %q, and no workload of the files is in it", g.object.ID, group),
					Consequence: "nobody gets a certificate for it, and those who are meant are refused",
					Fix:         fmt.Sprintf("annotate the callers with %s: %s, or correct the name", tyk.GroupKey, group),
				}
				if meant := near.Of(group, known); meant != "" {
					groups := slices.Clone(g.groups)
					groups[i] = meant
					f.Severity, f.Fix = validate.Warning, "write "+meant
					f.Edits = []validate.Edit{{Object: f.Object, Field: f.Field, Value: strings.Join(groups, ",")}}
				}
				p.Report(f)
			}
		}
	},
}
