package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh607 = validate.Rule{
	ID: "MSH607", Name: "namespace-not-member", Category: validate.Scope, Severity: validate.Error,
	Title:   "the control plane does not look into the namespace",
	Of:      []traffic.Cause{traffic.Unregistered, traffic.NoVirtualHost, traffic.NoRouteFits, traffic.NoFilterChain, traffic.NoListener},
	Special: true,
	Explain: func(p *validate.Pass, b *validate.Break) bool {
		if b.Outcome.Cause == traffic.Unregistered {
			return report(p, b, "MSH607", unregistered(p, b))
		}
		o := unseenFor(p, b.Path)
		if o == nil {
			return false
		}
		_, n := b.Last()
		return p.Broken(b, n, unseen(p, o, "what is asked for finds no way: 404 (NR), 503 or a reset, as if the object were not there"))
	},
	// What stops no request of the files is told once a namespace.
	Check: func(p *validate.Pass) {
		told := map[string]bool{}
		for _, path := range p.Paths {
			if o := unseenFor(p, path); o != nil {
				told[namespaceOf(o)] = true
			}
		}
		report := func(o *bundle.Object, consequence string) {
			namespace := namespaceOf(o)
			if _, _, ok := outside(p, namespace); !ok || told[namespace] {
				return
			}
			told[namespace] = true
			f := unseen(p, o, consequence)
			f.Severity = validate.Warning
			p.Report(f)
		}
		for _, o := range p.Objects.All {
			if meshConfig[o.Kind] {
				report(o, "neither this nor the other objects of the mesh in the namespace count")
			}
		}
		for _, t := range podTemplates(p) {
			if t.asks() {
				report(t.object, "its pods get no sidecar, whatever they ask for")
			}
		}
	},
}

func unseen(p *validate.Pass, o *bundle.Object, consequence string) validate.Finding {
	why, fix, _ := outside(p, namespaceOf(o))
	return validate.Finding{
		Place:       p.At(o, "metadata.namespace"),
		Message:     fmt.Sprintf("namespace %s, where %s lies, %s", namespaceOf(o), o.ID, why),
		Consequence: consequence,
		Fix:         fix,
		Edits:       admission(p, namespaceOf(o)),
	}
}
