package rules

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

var msh710 = validate.Rule{
	ID: "MSH710", Name: "import-without-export", Category: validate.Peer, Severity: validate.Error, Border: true,
	Title: "the other mesh exports no service of the name that is imported",
	Check: func(p *validate.Pass) {
		facing, ok := p.Index.Facing()
		if len(federated(p)) == 0 || !ok {
			return
		}
		if _, ok := p.Peer.Index.Facing(); !ok {
			return
		}
		exported := p.Peer.Index.Exports()
		if len(exported) == 0 && len(p.Peer.Objects.Exports) > 0 {
			return // the other mesh's set is none that istiod finds, or reads: that is the mistake
		}
		for _, set := range p.Objects.Imports {
			if set.ID.Namespace != facing.ID.Namespace || set.ID.Name != facing.ID.Name {
				continue
			}
			for i, r := range set.Spec.Spec.ImportRules {
				if r.NameSelector != nil && !promised(p.Peer, r.NameSelector) && !slices.ContainsFunc(exported, func(e string) bool { return offered(r.NameSelector, e) }) {
					p.Report(unexported(p, set, i, r, exported))
				}
			}
		}
	},
}

// offered tells whether a selector is for NAMESPACE/NAME.
func offered(m *mesh.ServiceNameMapping, service string) bool {
	namespace, name, _ := strings.Cut(service, "/")
	fits := func(want, is string) bool { return want == "" || want == "*" || want == is }
	return fits(m.Namespace, namespace) && fits(m.Name, name)
}

// promised tells whether a rule of the other mesh gives a service the name that is imported: if it does not come to that,
// the rules' order is the mistake.
func promised(p *validate.Pass, m *mesh.ServiceNameMapping) bool {
	for _, set := range p.Objects.Exports {
		for _, r := range set.Spec.Spec.ExportRules {
			n := r.NameSelector
			if n == nil {
				continue
			}
			namespace, name := n.Namespace, n.Name
			if a := n.Alias; a != nil {
				namespace, name = cmp.Or(a.Namespace, namespace), cmp.Or(a.Name, name)
			}
			if offered(m, namespace+"/"+name) {
				return true
			}
		}
	}
	return false
}

func unexported(p *validate.Pass, set importsOf, i int, r mesh.ImportRule, exported []string) validate.Finding {
	field := fmt.Sprintf("spec.importRules[%d].nameSelector", i)
	f := validate.Finding{
		Place:       p.At(set.Object, field),
		Message:     fmt.Sprintf("%s imports %s/%s, and %s exports %s", set.ID, star(r.NameSelector.Namespace), star(r.NameSelector.Name), nameOf(p), listOf(exported)),
		Consequence: "istiod makes no service of the import: whoever calls it finds nobody",
		Fix:         "let the other mesh export it, or import one of the names that it exports, which are those of its aliases",
	}
	for _, s := range p.Peer.Objects.Exports {
		f.Related = append(f.Related, p.At(s.Object, "metadata.name"))
	}
	for _, e := range exported {
		if namespace, name := path.Split(e); name == r.NameSelector.Name {
			f.Fix = "let the other mesh export it, or import " + e
			f.Edits = append(f.Edits[:0], validate.Edit{Object: p.At(set.Object, "").Object, Field: field + ".namespace", Value: strings.TrimSuffix(namespace, "/")})
		}
	}
	return f
}

func star(text string) string {
	if text == "" {
		return "*"
	}
	return text
}

// listOf names some services, or nothing.
func listOf(all []string) string {
	const most = 5
	switch {
	case len(all) == 0:
		return "nothing to this mesh"
	case len(all) > most:
		return strings.Join(all[:most], ", ") + " and others"
	}
	return strings.Join(all, ", ")
}
