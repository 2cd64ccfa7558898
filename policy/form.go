package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// A form reads the fields of one map of a document.
type form struct {
	*loader
	object *bundle.Object
	path   string // of the map, "" for the document
	tree   map[string]any
	rule   string // the ID, once it is known
	called string // what problems of its expressions call them, instead of the field
}

// at is where a field of the form is written.
func (f *form) at(key string) bundle.Position { return f.object.At(f.full(key)) }

func (f *form) full(key string) string {
	if f.path == "" {
		return key
	}
	return f.path + "." + key
}

func (f *form) wrong(key, hint, format string, args ...any) {
	f.problem(f.at(key), f.rule, f.full(key), hint, format, args...)
}

// only refuses fields that are none of the known.
func (f *form) only(known ...string) {
	var unknown []string
	for key := range f.tree {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		at := f.object.At(f.path + "[" + fmt.Sprintf("%q", key) + "]")
		hint := meant("a field here", key, known)
		if key == "true" && slices.Contains(known, "each") {
			hint = "YAML reads on as true; what a rule looks at is each: object, path or hop"
		}
		f.problem(at, f.rule, f.path, hint, "unknown field %s", quote(key))
	}
}

// text reads a text; one that must be there and is not is a problem.
func (f *form) text(key string, must bool) string {
	v, written := f.tree[key]
	if !written || v == nil {
		if must {
			f.wrong(key, "", "missing")
		}
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		f.wrong(key, "put it in quotes if it is meant as text", "%s, but text is wanted", describe(v))
	case must && strings.TrimSpace(s) == "":
		f.wrong(key, "", "empty")
	}
	return s
}

// oneOf reads one of some words.
func (f *form) oneOf(key string, must bool, words ...string) string {
	s := f.text(key, must)
	if s != "" && !slices.Contains(words, s) {
		f.wrong(key, meant(key, s, words), "unknown value %s", quote(s))
		return ""
	}
	return s
}

// sub is the form of a field that is a map.
func (f *form) sub(key string) *form {
	tree, ok := f.tree[key].(map[string]any)
	if !ok && f.tree[key] != nil {
		f.wrong(key, "", "%s, but fields are wanted", describe(f.tree[key]))
	}
	return &form{loader: f.loader, object: f.object, path: f.full(key), tree: tree, rule: f.rule}
}

// list are the forms of a field that is a list of maps.
func (f *form) list(key string) []*form {
	items, ok := f.tree[key].([]any)
	if !ok && f.tree[key] != nil {
		f.wrong(key, "", "%s, but a list is wanted", describe(f.tree[key]))
	}
	var all []*form
	for i, item := range items {
		path := fmt.Sprintf("%s[%d]", key, i)
		tree, ok := item.(map[string]any)
		if !ok {
			f.wrong(path, "", "%s, but fields are wanted", describe(item))
			continue
		}
		all = append(all, &form{loader: f.loader, object: f.object, path: f.full(path), tree: tree, rule: f.rule})
	}
	return all
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return quote(v)
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case bool:
		return fmt.Sprintf("the truth value %v", v)
	}
	return fmt.Sprintf("the number %v", v)
}
