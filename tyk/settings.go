package tyk

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// settings are the prefixes of annotations that set a field of the inbound API definition, and how each reads its value
// (https://github.com/TykTechnologies/tyk-k8s/blob/master/processor/proc.go). A path follows, steps apart by dots; a dash in
// it stands for an underscore, as field names have them, and an index into a list is a number.
var settings = map[string]func(string) (any, error){
	"string.service.tyk.io/": func(s string) (any, error) { return s, nil },
	"bool.service.tyk.io/": func(s string) (any, error) {
		switch strings.ToLower(s) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", s)
	},
	"num.service.tyk.io/": func(s string) (any, error) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no whole number", s)
		}
		return n, nil
	},
	"object.service.tyk.io/": func(s string) (any, error) { return decoded[map[string]any](s, "object") },
	"array.service.tyk.io/":  func(s string) (any, error) { return decoded[[]any](s, "array") },
}

func decoded[T any](text, kind string) (any, error) {
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("the value is no JSON %s: %w", kind, err)
	}
	return v, nil
}

// A Setting is an annotation that sets a field of the inbound API definition.
type Setting struct {
	Key, Path string
	Value     any
	// Err says what the controller refuses the pod for, or what a gateway reads differently; nil if nothing.
	Err error
	// Unread says that the gateway knows no such field, so that the annotation does nothing.
	Unread bool
}

// Settings are the settings among annotations, by key. The controller applies them in no order: where one sets what lies
// within another's, what becomes of it is chance, and the Err of both says so.
func Settings(annotations map[string]string) (all []Setting) {
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		for prefix, read := range settings {
			path, ok := strings.CutPrefix(key, prefix)
			if !ok {
				continue
			}
			s := Setting{Key: key, Path: strings.ReplaceAll(path, "-", "_")}
			s.Value, s.Err = read(annotations[key])
			if s.Err == nil && slices.Contains(strings.Split(s.Path, "."), "") {
				s.Err = fmt.Errorf("the path %q has an empty step", path)
			}
			if s.Err == nil {
				s.hold()
			}
			if s.Err != nil {
				s.Err = fmt.Errorf("annotation %s: %w", key, s.Err)
			}
			all = append(all, s)
		}
	}
	for i, outer := range all {
		for j, inner := range all {
			if i != j && (outer.Path == inner.Path || strings.HasPrefix(inner.Path, outer.Path+".")) {
				err := fmt.Errorf("annotations %s and %s set the same field, and the controller applies them in no order", outer.Key, inner.Key)
				all[i].Err, all[j].Err = err, err
			}
		}
	}
	return all
}

// hold holds a setting against the fields of API definitions.
func (s *Setting) hold() {
	kind, known := field(s.Path)
	s.Unread = !known
	if is := kindOf(s.Value); known && kind != "" && is != kind {
		s.Err = fmt.Errorf("%s is of type %s, not %s: the definition does not decode", s.Path, kind, is)
	}
}

// set applies the settings among annotations to a definition.
func set(data []byte, annotations map[string]string) ([]byte, error) {
	for _, s := range Settings(annotations) {
		if s.Err != nil {
			return nil, s.Err
		}
		var err error
		if data, err = put(data, s.Path, s.Value); err != nil {
			return nil, fmt.Errorf("annotation %s: %w", s.Key, err)
		}
	}
	return data, nil
}
