package rules

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh906 = validate.Rule{
	ID: "MSH906", Name: "export-too-wide", Category: validate.Scope, Severity: validate.Info,
	Title: "an outside host of one team is declared to all",
	Check: func(p *validate.Pass) {
		others := namespacesWithPods(p)
		root, _, _ := p.Index.Mesh()
		for _, e := range p.Objects.ServiceEntries {
			own := e.ID.Namespace
			if e.Spec.Location == networking.ServiceEntry_MESH_INTERNAL || own == root || len(e.Spec.ExportTo) > 0 || !slices.Contains(others, own) {
				continue
			}
			i := slices.IndexFunc(others, func(n string) bool { return n != own && p.Index.Exported("ServiceEntry", nil, own, n) })
			if i < 0 {
				continue
			}
			callers := callersOf(p, e)
			if slices.ContainsFunc(callers, func(n string) bool { return n != own && slices.Contains(others, n) }) {
				continue // others do call it
			}
			to := []any{"."}
			for _, n := range callers {
				if n != own {
					to = append(to, n)
				}
			}
			p.Report(validate.Finding{
				Place:       p.At(e.Object, "spec.exportTo"),
				Message:     fmt.Sprintf("%s has no exportTo, so it is for all namespaces (such as %s), and of the files only %s calls it", e.ID, others[i], strings.Join(callers, ", ")),
				Consequence: "under REGISTRY_ONLY it opens the host to everybody, and it competes with what others declare for the same host",
				Fix:         fmt.Sprintf("set exportTo: %s in %s", strings.ReplaceAll(fmt.Sprintf("%q", to), " ", ", "), e.ID),
				Edits:       []validate.Edit{{Object: p.At(e.Object, "").Object, Field: "spec.exportTo", Value: to}},
			})
		}
	},
}
