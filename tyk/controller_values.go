package tyk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/nearest"
)

// resolved is what an alias stands for.
func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// walk writes down the line of everything, to a depth that no configuration has and an endless alias would.
func (r *reader) walk(n *yaml.Node, at string, depth int) {
	if n.Kind == yaml.AliasNode || depth > 20 {
		return
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		path := below(at, n.Content[i].Value)
		r.c.lines[strings.ToLower(path)] = n.Content[i].Line
		r.walk(n.Content[i+1], path, depth+1)
	}
	for i, item := range n.Content {
		if n.Kind == yaml.SequenceNode {
			r.c.lines[strings.ToLower(at+index(i))] = item.Line
			r.walk(item, at+index(i), depth+1)
		}
	}
}

// section reads a map by its keys, letters of either case, and says which keys nothing reads.
func (r *reader) section(n *yaml.Node, at string, known entries) {
	if n = resolved(n); n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			r.fatal(n, at, "a map is wanted here")
		}
		return
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		path := below(at, key.Value)
		if j := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, key.Value) }); j >= 0 {
			known[names[j]](value, path)
			continue
		}
		if key.Tag == "!!merge" {
			r.fault(key, path, "what is merged here is not looked at; write it out")
			continue
		}
		hint := "the keys here are " + strings.Join(names, ", ")
		if meant := nearest.Of(strings.ReplaceAll(key.Value, "_", ""), names); meant != "" {
			hint = "write " + meant
		}
		r.fault(key, path, "the controller reads no such key; %s", hint)
	}
}

func (r *reader) list(n *yaml.Node, at string, each func(n *yaml.Node, at string)) {
	switch n = resolved(n); {
	case n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			each(item, at+index(i))
		}
	case n.Tag != "!!null":
		r.fault(n, at, "a list is wanted here")
	}
}

func (r *reader) text(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		if n = resolved(n); n.Kind != yaml.ScalarNode {
			r.fatal(n, at, "a text is wanted here")
		} else if n.Tag != "!!null" {
			*into = n.Value
		}
	}
}

func (r *reader) truth(into *bool) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		n = resolved(n)
		var yes bool
		if err := n.Decode(&yes); err == nil {
			*into = yes
			return
		}
		// What YAML does not take for a truth, mapstructure may: it goes by strconv, and an empty text is false.
		yes, err := strconv.ParseBool(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil && n.Value != "" {
			r.fatal(n, at, fmt.Sprintf("%q is neither true nor false", n.Value))
		}
		*into = yes
	}
}
