package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// A table is the schemas so far. Line 0 is no schema.
type table struct {
	roots map[string]map[int]int // group/version/Kind, Istio's minor, line
	lines []string
	line  map[string]int
}

func newTable() *table {
	return &table{roots: map[string]map[int]int{}, lines: []string{""}, line: map[string]int{}}
}

// add gives the line of a schema, whose parts have theirs already.
func (t *table) add(schema map[string]any) (int, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(schema); err != nil { // maps come in the order of their keys
		return 0, err
	}
	line := strings.TrimSuffix(text.String(), "\n")
	if n, known := t.line[line]; known {
		return n, nil
	}
	n := len(t.lines)
	t.lines, t.line[line] = append(t.lines, line), n
	return n, nil
}

// kind adds the schema of a kind.
func (t *table) kind(kind string, minor int, schema map[string]any) error {
	// What every object has is looked at by other means, and a status is written by nobody.
	properties, _ := schema["properties"].(map[string]any)
	for _, field := range []string{"apiVersion", "kind", "metadata", "status"} {
		delete(properties, field)
	}
	if _, has := properties["spec"]; !has {
		return fmt.Errorf("no spec")
	}
	n, err := t.schema(schema)
	if err != nil {
		return err
	}
	t.root(kind, minor, n)
	return nil
}

// metadata adds what every object has, which no CRD says.
func (t *table) metadata() error {
	properties := map[string]any{"ownerReferences": map[string]any{}, "managedFields": map[string]any{}}
	one := func(name string) map[string]any { return map[string]any{"type": name} }
	for _, field := range []string{"name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp"} {
		properties[field] = one("string")
	}
	for _, field := range []string{"generation", "deletionGracePeriodSeconds"} {
		properties[field] = one("integer")
	}
	of := func(format string) map[string]any { return map[string]any{"type": "string", "format": format} }
	properties["name"], properties["namespace"] = of("object-name"), of("namespace-name")
	properties["labels"] = map[string]any{"type": "object", "format": "qualified-keys", "additionalProperties": of("label-value")}
	properties["annotations"] = map[string]any{"type": "object", "format": "qualified-keys", "additionalProperties": one("string")}
	properties["finalizers"] = map[string]any{"type": "array", "items": one("string")}
	n, err := t.schema(map[string]any{"type": "object", "properties": properties})
	t.root("metadata", every, n)
	return err
}

func (t *table) root(kind string, minor, line int) {
	if t.roots[kind] == nil {
		t.roots[kind] = map[int]int{}
	}
	t.roots[kind][minor] = line
}

// keep takes the kinds of some groups over from a file that was written before.
func (t *table) keep(file string, groups ...string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := strings.Split(string(data), "\n")
	var roots map[string]map[int]int
	if err := json.Unmarshal([]byte(lines[0]), &roots); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	maps.DeleteFunc(roots, func(kind string, _ map[int]int) bool {
		group, _, _ := strings.Cut(kind, "/")
		return !slices.ContainsFunc(groups, func(g string) bool { return group == g || strings.HasSuffix(group, "."+g) })
	})
	return t.take(roots, lines)
}

// take adds kinds of another table, in their order.
func (t *table) take(roots map[string]map[int]int, lines []string) error {
	for _, kind := range slices.Sorted(maps.Keys(roots)) {
		for _, minor := range slices.Sorted(maps.Keys(roots[kind])) {
			n, err := t.copied(lines, roots[kind][minor])
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			t.root(kind, minor, n)
		}
	}
	return nil
}

// copied adds a schema of another table.
func (t *table) copied(lines []string, n int) (int, error) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(lines[n]), &schema); err != nil {
		return 0, err
	}
	replace := func(in map[string]any, key string) error {
		child, ok := in[key].(float64)
		if !ok {
			return nil
		}
		line, err := t.copied(lines, int(child))
		in[key] = line
		return err
	}
	for _, key := range []string{"items", "values"} {
		if err := replace(schema, key); err != nil {
			return 0, err
		}
	}
	fields, _ := schema["fields"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := replace(fields, name); err != nil {
			return 0, err
		}
	}
	return t.add(schema)
}

// text is the whole file, in an order that does not depend on where the schemas came from.
func (t *table) text() ([]byte, error) {
	sorted := newTable()
	if err := sorted.take(t.roots, t.lines); err != nil {
		return nil, err
	}
	index, err := json.Marshal(sorted.roots)
	if err != nil {
		return nil, err
	}
	sorted.lines[0] = string(index)
	return []byte(strings.Join(sorted.lines, "\n") + "\n"), nil
}
