package rules

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh608 = validate.Rule{
	ID: "MSH608", Name: "smmr-invalid", Category: validate.Schema, Severity: validate.Error,
	Title: "the operator refuses the members, or the second control plane",
	Check: func(p *validate.Pass) {
		if !p.Target.MemberRoll {
			return
		}
		refuse := func(o *bundle.Object, field, message, fix string, edits ...validate.Edit) {
			p.Report(validate.Finding{
				Place: p.At(o, field), Message: message, Fix: fix, Edits: edits, Safe: len(edits) > 0,
				Consequence: "the operator's webhook refuses the object: nothing changes in the cluster",
			})
		}
		in := map[string]string{} // the roll of a member
		for _, r := range p.Objects.MemberRolls {
			members := r.Spec.Spec.Members
			edit := func(keep func(i int, m string) bool) validate.Edit {
				kept := []any{}
				for i, m := range members {
					if keep(i, m) {
						kept = append(kept, m)
					}
				}
				return validate.Edit{Object: p.At(r.Object, "").Object, Field: "spec.members", Value: kept}
			}
			if r.ID.Name != "default" {
				refuse(r.Object, "metadata.name", fmt.Sprintf("%s must have the name default", r.ID), "name it default", asDefault(p, r.Object)...)
			}
			for i, m := range members {
				field := fmt.Sprintf("spec.members[%d]", i)
				switch {
				case slices.Index(members, m) < i:
					refuse(r.Object, field, fmt.Sprintf("%s lists %s twice", r.ID, m), "list it once",
						edit(func(i int, m string) bool { return slices.Index(members, m) == i }))
				case m == r.ID.Namespace:
					refuse(r.Object, field, fmt.Sprintf("%s lists %s, the namespace of the control plane itself", r.ID, m), "take it out: it belongs to the mesh anyway",
						edit(func(_ int, m string) bool { return m != r.ID.Namespace }))
				case m == "*" && len(members) > 1:
					refuse(r.Object, field, fmt.Sprintf(`%s lists "*" beside others`, r.ID), `list either "*" alone, or the namespaces`)
				case in[m] != "" && in[m] != r.ID.String():
					refuse(r.Object, field, fmt.Sprintf("%s lists %s, which %s lists too: a namespace belongs to one mesh", r.ID, m, in[m]), "take it out of one of them")
				default:
					in[m] = r.ID.String()
				}
			}
		}
		for _, m := range p.Objects.ServiceMeshMembers {
			if m.ID.Name != "default" {
				refuse(m.Object, "metadata.name", fmt.Sprintf("%s must have the name default", m.ID), "name it default", asDefault(p, m.Object)...)
			}
			roll := bundle.ID{Kind: "ServiceMeshMemberRoll", Namespace: m.Spec.Spec.ControlPlaneRef.Namespace, Name: "default"}
			if other := in[m.ID.Namespace]; other != "" && other != roll.String() {
				refuse(m.Object, "spec.controlPlaneRef.namespace", fmt.Sprintf("%s is for the mesh of %s, and %s lists its namespace: it belongs to one mesh", m.ID, roll.Namespace, other), "decide for one of them")
			}
		}
		planeIn := map[string]string{}
		for _, c := range p.Objects.ControlPlanes {
			if other := planeIn[c.ID.Namespace]; other != "" {
				refuse(c.Object, "metadata.name", fmt.Sprintf("%s is in one namespace with %s", c.ID, other), "leave one of them, or give each a namespace of its own")
			}
			planeIn[c.ID.Namespace] = c.ID.String()
		}
	},
}

// asDefault names an object default, where none of its kind beside it has that name.
func asDefault(p *validate.Pass, o *bundle.Object) []validate.Edit {
	if p.Object(traffic.Decision{Kind: o.Kind, Namespace: o.Namespace, Name: "default"}) != nil {
		return nil
	}
	return []validate.Edit{{Object: p.At(o, "").Object, Field: "metadata.name", Value: "default"}}
}
