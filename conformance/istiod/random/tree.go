package random

import (
	"maps"
	"slices"
)

// An object is a tree of maps, lists, strings, ints and bools, as YAML writes it.
type (
	object = map[string]any
	list   = []any
)

func kindOf(o object) string      { kind, _ := o["kind"].(string); return kind }
func nameOf(o object) string      { name, _ := metaOf(o)["name"].(string); return name }
func namespaceOf(o object) string { namespace, _ := metaOf(o)["namespace"].(string); return namespace }
func metaOf(o object) object      { return child(o, "metadata") }
func specOf(o object) object      { return child(o, "spec") }

// child is the map at a path of keys, or an empty one.
func child(o object, keys ...string) object {
	for _, key := range keys {
		o, _ = o[key].(object)
	}
	if o == nil {
		return object{}
	}
	return o
}

// items are the maps in the list of a key.
func items(o object, key string) []object {
	all, _ := o[key].(list)
	var maps []object
	for _, item := range all {
		if m, ok := item.(object); ok {
			maps = append(maps, m)
		}
	}
	return maps
}

// texts are the strings in the list of a key.
func texts(o object, key string) []string {
	all, _ := o[key].(list)
	var found []string
	for _, item := range all {
		if s, ok := item.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

func text(o object, key string) string { s, _ := o[key].(string); return s }
func number(o object, key string) int  { n, _ := o[key].(int); return n }

// copied is a tree that shares nothing with the other.
func copied[T any](tree T) T {
	var same func(any) any
	same = func(v any) any {
		switch v := v.(type) {
		case object:
			other := make(object, len(v))
			for key, value := range v {
				other[key] = same(value)
			}
			return other
		case list:
			other := make(list, len(v))
			for i, value := range v {
				other[i] = same(value)
			}
			return other
		default:
			return v
		}
	}
	return same(tree).(T)
}

// A place is where a value is in a tree: keys and indices from the root.
type place []any

// key is the last key, which for an item of a list is that of the list.
func (p place) key() string {
	for _, step := range slices.Backward(p) {
		if key, ok := step.(string); ok {
			return key
		}
	}
	return ""
}

// places are all below the root, parents first and in the order of keys, so that chance picks the same in every run.
func places(tree any) []place {
	var all []place
	var walk func(place, any)
	walk = func(at place, v any) {
		if len(at) > 0 {
			all = append(all, slices.Clone(at))
		}
		switch v := v.(type) {
		case object:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(append(at, key), v[key])
			}
		case list:
			for i := range v {
				walk(append(at, i), v[i])
			}
		}
	}
	walk(nil, tree)
	return all
}

// get is the value at a place, which must be there.
func (p place) get(tree any) any {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			tree = tree.(object)[step]
		case int:
			tree = tree.(list)[step]
		}
	}
	return tree
}

// set puts a value at a place.
func (p place) set(tree object, value any) {
	switch step := p[len(p)-1].(type) {
	case string:
		p[:len(p)-1].get(tree).(object)[step] = value
	case int:
		p[:len(p)-1].get(tree).(list)[step] = value
	}
}

// remove takes the value at a place away, and closes the gap in a list.
func (p place) remove(tree object) {
	above := p[:len(p)-1]
	switch step := p[len(p)-1].(type) {
	case string:
		delete(above.get(tree).(object), step)
	case int:
		above.set(tree, slices.Delete(slices.Clone(above.get(tree).(list)), step, step+1))
	}
}

// size is the number of values of a tree.
func size(tree any) int { return 1 + len(places(tree)) }
