package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh703 = validate.Rule{
	ID: "MSH703", Name: "federation-namespace", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "a resource of federation is outside the control plane's namespace",
	Check: func(p *validate.Pass) {
		if !p.Target.Has(mesh.FederationCRs) {
			return
		}
		own := controlNamespaces(p)
		outside := func(o *bundle.Object, id bundle.ID) {
			if len(own) == 0 || own[id.Namespace] != nil {
				return
			}
			f := validate.Finding{
				Place:       p.At(o, writtenAt(o, "metadata.namespace", "metadata.name")),
				Message:     fmt.Sprintf("%s is in namespace %s, where there is no control plane", id, id.Namespace),
				Consequence: "istiod looks for it in its own namespace only: it does nothing",
				Fix:         "move it to the namespace of the control plane",
			}
			if len(own) == 1 {
				for namespace, beside := range own {
					f.Fix += ", " + namespace
					f.Related = []validate.Place{p.At(beside, "metadata.namespace")}
					f.Edits, f.Safe = set(p, o, "metadata.namespace", namespace), true
				}
			}
			p.Report(f)
		}
		for _, one := range p.Objects.Peers {
			outside(one.Object, one.ID)
		}
		for _, s := range serviceSets(p) {
			outside(s.object, s.id)
		}
		for _, c := range strayedRoots(p) {
			outside(c.Object, c.ID)
		}
	},
}

// controlNamespaces are those of control planes in the files; where they hold none, those of peers.
func controlNamespaces(p *validate.Pass) map[string]*bundle.Object {
	all := map[string]*bundle.Object{}
	for _, c := range planes(p) {
		all[namespaceOf(c.object)] = c.object
	}
	if len(all) == 0 {
		for _, one := range p.Objects.Peers {
			all[one.ID.Namespace] = one.Object
		}
	}
	return all
}

// strayedRoots are the ConfigMaps of the name that a peer gives, where none is in its namespace.
func strayedRoots(p *validate.Pass) []configMapOf {
	var all []configMapOf
	for _, one := range p.Objects.Peers {
		var found []configMapOf
		here := false
		for _, c := range p.Objects.ConfigMaps {
			if c.ID.Name == chainOf(one) {
				found = append(found, c)
				here = here || c.ID.Namespace == one.ID.Namespace
			}
		}
		if !here {
			all = append(all, found...)
		}
	}
	return all
}
