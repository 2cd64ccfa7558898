package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

func plansOf(t *testing.T, n int) []*scenarios.Plan {
	t.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "---\napiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nmetadata: {name: s%d}\nspec: {scenario: %s, service: {host: h%d.example.com}}\n", i, []string{"1a", "1b"}[i%2], i)
	}
	drafts, err := scenarios.Read(strings.NewReader(text.String()), "d.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plans, err := scenarios.Resolve(drafts, mesh.Default)
	if err != nil {
		t.Fatal(err)
	}
	return plans
}

func yamlOf(t *testing.T, b *bundle.Bundle) string {
	t.Helper()
	var text strings.Builder
	if err := b.YAML(&text, true); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// TestSameBytes: chunks go to whichever core is free, and the bytes do not show it.
func TestSameBytes(t *testing.T) {
	plans := plansOf(t, 3*chunk+5)
	var first string
	for _, procs := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(procs)
		b, err := Render(plans, Options{Why: true})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		text := yamlOf(t, b)
		if first == "" {
			first = text
		} else if text != first {
			t.Errorf("other bytes with %d cores", procs)
		}
	}
}

// TestTemplateErrors: an error names the template, the object and the path, and of many definitions the one.
func TestTemplateErrors(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct{ overlay, want string }{
		"unknown field": {"[o { spec+: { hots: 'a' } } for o in objects]", `unknown field "hots"`},
		"error":         {"if definition.name == 's7' then error 'no such luck' else objects", "error.jsonnet:1:71: no such luck"},
		"no list":       {"{}", "returned no list"},
		"no object":     {"[1]", "object 0: not an object: 1"},
		"no name":       {"[{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a' } }]", "metadata.name: missing"},
		"no metadata":   {"[{ apiVersion: 'v1', kind: 'ConfigMap' }]", "metadata: missing"},
		"no such name":  {"[{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: '../b' } }]", `metadata.name: "../b" is not the name of an object`},
		"two lines":     {"[{ apiVersion: 'x.example/v1', kind: 'Thing', metadata: { name: 'a\\n---' } }]", `is not the name of an object`},
		"labels":        {"[o { metadata+: { labels: 'a' } } for o in objects]", "metadata.labels: not name: value pairs"},
		"nothing":       {"null", "returned no list"},
		"null":          {"[o { spec+: { ports: [null] } } for o in objects if o.kind == 'ServiceEntry']", "spec.ports[0]: null"},
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".jsonnet")
		if err := os.WriteFile(file, []byte("function(objects, definition, target) "+tc.overlay), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Render(plansOf(t, 2*chunk), Options{Overlay: file})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "d.yaml:") {
			t.Errorf("%s: %v does not say which definition", name, err)
		}
	}
}

// TestUnite: what two plans bring is there once; where they disagree, both are named.
func TestUnite(t *testing.T) {
	object := func(tree map[string]any) *bundle.Object {
		tree["metadata"].(map[string]any)["labels"] = map[string]any{nameLabel: "x"}
		o, err := bundle.NewObject(tree)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	plans := plansOf(t, 2)
	roll := func(members ...any) *bundle.Object {
		return object(map[string]any{"apiVersion": "maistra.io/v1", "kind": "ServiceMeshMemberRoll", "metadata": map[string]any{"namespace": "cp", "name": "default"}, "spec": map[string]any{"members": members}})
	}
	a := rendered{roll("b", "c"), plans[0]}
	if err := unite(a, rendered{roll("a", "c"), plans[1]}); err != nil || !strings.Contains(string(a.JSON), `["a","b","c"]`) {
		t.Errorf("rolls: %v %s", err, a.JSON)
	}
	// Rolls of an overlay, with nothing in them, and of a group that is not ours.
	for _, tree := range []map[string]any{
		{"apiVersion": "maistra.io/v1", "kind": "ServiceMeshMemberRoll", "metadata": map[string]any{"name": "default"}},
		{"apiVersion": "maistra.io/v1", "kind": "ServiceMeshMemberRoll", "metadata": map[string]any{"name": "default"}, "spec": map[string]any{}},
		{"apiVersion": "foo.example/v1", "kind": "ServiceMeshMemberRoll", "metadata": map[string]any{"name": "default"}, "spec": map[string]any{"members": []any{1.0}}},
	} {
		if err := unite(rendered{object(tree), plans[0]}, rendered{object(tree), plans[1]}); err != nil {
			t.Errorf("%v: %v", tree, err)
		}
	}
	// Namespaces share labels, and nothing else silently.
	namespace := func(label, annotation string) *bundle.Object {
		o := object(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "a", "annotations": map[string]any{"k": annotation}}})
		tree := o.Tree()
		tree["metadata"].(map[string]any)["labels"].(map[string]any)[label] = "v"
		o, err := bundle.NewObject(tree)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	n := rendered{namespace("x", "1"), plans[0]}
	if err := unite(n, rendered{namespace("y", "1"), plans[1]}); err != nil || !strings.Contains(string(n.JSON), `"x":"v","y":"v"`) {
		t.Errorf("namespaces: %v %s", err, n.JSON)
	}
	if unite(n, rendered{namespace("y", "2"), plans[1]}) == nil {
		t.Error("namespaces with other annotations became one")
	}
	config := func(value string) *bundle.Object {
		return object(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "a", "name": "b"}, "data": map[string]any{"k": value}})
	}
	if err := unite(rendered{config("1"), plans[0]}, rendered{config("1"), plans[1]}); err != nil {
		t.Errorf("equal objects: %v", err)
	}
	err := unite(rendered{config("1"), plans[0]}, rendered{config("2"), plans[1]})
	if want := "d.yaml:7:1: definition s1 makes ConfigMap a/b with another data than definition s0 at d.yaml:2:1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
