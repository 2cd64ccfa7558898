package bundle

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

func (r *nodeReader) mapping(n *yaml.Node) *fault {
	all := entries{index: make(map[string]int, len(n.Content)/2)}
	if wrong := r.collect(n, &all); wrong != nil {
		return wrong
	}
	r.json = append(r.json, '{')
	for i, e := range all.list {
		if i > 0 {
			r.json = append(r.json, ',')
		}
		r.place(r.before+e.node.Line, e.node.Column)
		r.json = append(appendString(r.json, e.key), ':')
		if wrong := r.value(e.value); wrong != nil {
			return wrong
		}
	}
	r.json = append(r.json, '}')
	return nil
}

// entries are those of a map after merging; index finds them by key.
type entries struct {
	list  []entry
	index map[string]int
}

type entry struct {
	key         string
	node, value *yaml.Node
}

// collect adds the entries of a map. What is merged into it takes part in the order of the text: kubectl's reader lets
// the later win, be it merged or not.
func (r *nodeReader) collect(n *yaml.Node, all *entries) *fault {
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind == yaml.ScalarNode && key.Tag == "!!merge":
			if wrong := r.merge(value, all); wrong != nil {
				return wrong
			}
			continue
		case key.Kind == yaml.MappingNode && key.Line == n.Line && key.Column == n.Column+1: // {{
			return r.fault(n, isTemplate)
		}
		text, wrong := r.keyOf(key)
		if wrong != nil {
			return wrong
		}
		if line, twice := lines[text]; twice {
			return r.fault(key, alreadySet, key.Value, line)
		}
		lines[text] = r.before + key.Line
		if i, known := all.index[text]; known {
			all.list[i] = entry{text, key, value}
		} else {
			all.index[text] = len(all.list)
			all.list = append(all.list, entry{text, key, value})
		}
	}
	return nil
}

// merge adds what the key << names: a map or a list of maps, of which the earlier win.
func (r *nodeReader) merge(n *yaml.Node, all *entries) *fault {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	for _, n := range slices.Backward(nodes) {
		target := n
		if n.Kind == yaml.AliasNode {
			target = n.Alias
		}
		switch {
		case target.Kind != yaml.MappingNode:
			return r.fault(n, "<< takes a map or a list of maps")
		case slices.Contains(r.open, target):
			return r.fault(n, "what << merges holds itself")
		case len(r.open) > maxDepth:
			return r.fault(n, tooDeep, maxDepth)
		}
		if len(r.open) == 0 {
			r.outer = n
		}
		if r.merged += len(target.Content); r.merged > r.budget {
			return r.fault(r.outer, tooManyAliases)
		}
		r.open = append(r.open, target)
		wrong := r.collect(target, all)
		r.open = r.open[:len(r.open)-1]
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// keyOf is the text of a key.
func (r *nodeReader) keyOf(n *yaml.Node) (string, *fault) {
	key := n
	if n.Kind == yaml.AliasNode {
		key = n.Alias
	}
	if key.Kind != yaml.ScalarNode {
		return "", r.fault(n, "a key is a text, not a map or list")
	}
	value, wrong := r.scalarOf(key)
	if wrong != nil {
		return "", wrong
	}
	text, ok := keyText(value)
	if !ok {
		return "", r.fault(n, "%q is no key: put it in quotes", key.Value)
	}
	return text, nil
}
