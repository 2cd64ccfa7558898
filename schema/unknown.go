package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// grown are fields that the CRDs at hand lack and those of a release have, with the minor of its Istio.
var grown = map[string]int{"ServiceMeshMemberRoll spec.memberSelectors": 16} // OpenShift Service Mesh 2.4

// unknown says that a map has a field that the API does not know, and what may have been meant.
func (w *walk) unknown(n *node, name string, v raw) {
	if since, ok := grown[w.of.kind+" "+w.at()]; ok && w.minor >= since {
		return
	}
	p := Problem{Rule: "MSH125", Kind: UnknownField, Field: w.at(), Dropped: true,
		Message:     fmt.Sprintf("unknown field %q", name),
		Consequence: refusedOrDropped}
	if w.later(&p, "") {
		w.fail(p)
		return
	}
	parent := w.path[:len(w.path)-1]
	above := w.nodesAbove()
	if near := nearest(name, n.names()); near != "" && n.Fields[near] != 0 {
		p.Nearest = pathOf(parent, near)
		p.Fix = fmt.Sprintf("did you mean %s?", near)
		if fits(w.collection.at(n.Fields[near]), v) {
			p.Edits = replaced(p.Field, p.Nearest, json.RawMessage(v))
		}
		w.fail(p)
		return
	}
	homes := w.homes(n, above, name)
	for _, h := range homes {
		path, ok := climb(parent, h.up)
		if !ok {
			continue
		}
		if in := append([]*node{n}, reversed(above)...)[h.up]; (len(homes) == 1 || homes[0].up < homes[1].up) && fits(w.collection.below(in, h.down), v) {
			p.Edits = replaced(p.Field, pathOf(path, h.down...), json.RawMessage(v))
		}
		p.Nearest = pathOf(path, h.down...)
		p.Fix = fmt.Sprintf("%s belongs to %s: write it as %s", name, lastName(path, h.down), p.Nearest)
		break
	}
	if p.Fix == "" {
		p.Fix = "remove it"
		if names := n.names(); len(names) > 0 && len(names) <= 8 {
			p.Fix += "; known here are " + enumeration(names, "and")
		}
	}
	w.fail(p)
}

func reversed(nodes []*node) []*node {
	nodes = slices.Clone(nodes)
	slices.Reverse(nodes)
	return nodes
}

// below is the schema of a field further down.
func (l *collection) below(n *node, down []string) *node {
	for _, key := range down {
		if n == nil {
			return nil
		}
		n = l.at(n.Fields[key])
	}
	return n
}

// lastName is the map that a field belongs to.
func lastName(path []step, down []string) string {
	if len(down) > 1 {
		return down[len(down)-2]
	}
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].key != nil {
			return path[i].key.string()
		}
	}
	return "the object itself"
}

// climb goes up by maps: the items of a list are no level of their own.
func climb(path []step, up int) ([]step, bool) {
	for ; up > 0; up-- {
		for len(path) > 0 && path[len(path)-1].key == nil {
			path = path[:len(path)-1]
		}
		if len(path) == 0 {
			return nil, false
		}
		path = path[:len(path)-1]
	}
	return path, true
}

// nodesAbove are the schemas of the maps around the one that is looked at, the outermost first.
func (w *walk) nodesAbove() []*node {
	n := w.collection.root(w.of.apiVersion, w.of.kind, w.minor)
	if len(w.path) > 0 && w.path[0].key.is("metadata") {
		return nil
	}
	var all []*node
	for _, s := range w.path[:max(0, len(w.path)-1)] {
		if n == nil {
			return all
		}
		if s.key == nil {
			n = w.collection.at(n.Items)
			continue
		}
		all = append(all, n)
		n = w.field(n, s.key.string())
	}
	return all
}

// fits says whether a value has the type of a schema.
func fits(n *node, v raw) bool {
	return n != nil && (n.Type == "" || hasType(v, n.Type)) && (n.Enum == nil || containsText(n.Enum, v))
}

func containsText(texts []string, v raw) bool {
	for _, text := range texts {
		if v.is(text) {
			return true
		}
	}
	return false
}

// notOneOf says that a text is none of those that are allowed.
func (w *walk) notOneOf(n *node, text string) {
	p := Problem{Kind: WrongValue, Field: w.at(), Message: fmt.Sprintf("%q is not a value of this field", text)}
	if w.later(&p, text) { // refused: a value is not dropped
		w.fail(p)
		return
	}
	p.Nearest = nearest(text, n.Enum)
	switch {
	case p.Nearest != "":
		p.Fix = fmt.Sprintf("did you mean %s?", p.Nearest)
		if strings.EqualFold(text, p.Nearest) {
			p.Edits = []Edit{{p.Field, p.Nearest}}
		}
	default:
		p.Fix = "the values are " + enumeration(n.Enum, "and")
	}
	w.fail(p)
}
