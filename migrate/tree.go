package migrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// tree is an object, or a part of it, as plain values.
type tree = map[string]any

// get is the value at a path of keys, or nil.
func get(t tree, path ...string) any {
	var at any = t
	for _, key := range path {
		m, ok := at.(tree)
		if !ok {
			return nil
		}
		at = m[key]
	}
	return at
}

func getMap(t tree, path ...string) tree {
	m, _ := get(t, path...).(tree)
	return m
}

func getText(t tree, path ...string) string {
	s, _ := get(t, path...).(string)
	return s
}

// set puts a value at a path, which is dotted: no key of it has dots. Maps that both hold are joined.
func set(t tree, path string, value any) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		next, ok := t[key].(tree)
		if !ok {
			next = tree{}
			t[key] = next
		}
		t = next
	}
	last := keys[len(keys)-1]
	old, both := t[last].(tree)
	if new, ok := value.(tree); ok && both {
		join(old, new)
		return
	}
	t[last] = value
}

func join(into, from tree) {
	for key, value := range from {
		old, both := into[key].(tree)
		if new, ok := value.(tree); ok && both {
			join(old, new)
		} else {
			into[key] = value
		}
	}
}

// remove takes out what is at a path, and the maps around it that are empty then.
func remove(t tree, path ...string) {
	next, ok := t[path[0]].(tree)
	switch {
	case len(path) == 1:
		delete(t, path[0])
	case ok:
		if remove(next, path[1:]...); len(next) == 0 {
			delete(t, path[0])
		}
	}
}

// isTrue and isFalse tell what is written; what is not written is neither.
func isTrue(v any) bool  { b, ok := v.(bool); return ok && b }
func isFalse(v any) bool { b, ok := v.(bool); return ok && !b }

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// fieldOf writes keys as [bundle.Object.At] takes a path.
func fieldOf(keys []string) string {
	var b strings.Builder
	for i, key := range keys {
		switch {
		case strings.ContainsAny(key, ".[]\"") || key == "":
			fmt.Fprintf(&b, "[%q]", key)
		case i > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}

// object makes an object of values; why is one sentence.
func object(t tree, why string) *bundle.Object {
	data, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("migrate: %v: %v", bundle.Identify(t), err)) // it came out of JSON
	}
	return &bundle.Object{ID: bundle.Identify(t), JSON: data, Why: why}
}

// rewritten is an object with other values.
func rewritten(o *bundle.Object, t tree) *bundle.Object {
	n := object(t, o.Why)
	n.Kustomized = o.Kustomized
	return n
}
