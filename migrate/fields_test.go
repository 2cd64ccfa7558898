package migrate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/schema"
)

func target(t *testing.T, name string) mesh.Target {
	t.Helper()
	target, ok := mesh.Lookup(name)
	if !ok {
		t.Fatalf("no target %s", name)
	}
	return target
}

// TestEveryField writes every field that the CRD of ServiceMeshControlPlane has, and demands that the report speaks of each:
// of the field itself, or of the block around it.
func TestEveryField(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED does not say where the CRDs of Maistra are")
	}
	data, err := os.ReadFile(filepath.Join(shared, "crds/maistra/maistra.io_servicemeshcontrolplanes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crd tree
	if err := yaml.Unmarshal(data, &crd); err != nil {
		t.Fatal(err)
	}
	for _, v := range get(crd, "spec", "versions").([]any) {
		if getText(v.(tree), "name") != "v2" {
			continue
		}
		spec := sample(getMap(v.(tree), "schema", "openAPIV3Schema", "properties", "spec")).(tree)
		spec["version"] = "v2.6"
		r := migrateSpec(t, spec)
		said := map[string]bool{}
		for _, e := range r.Entries {
			if e.Object.Kind == "ServiceMeshControlPlane" {
				said[e.Field] = true
			}
		}
		all := leaves([]string{"spec"}, spec)
		if len(all) < 500 {
			t.Fatalf("%d fields: the CRD has more", len(all))
		}
		for _, leaf := range all {
			if !slices.ContainsFunc(prefixes(leaf), func(f string) bool { return said[f] }) {
				t.Errorf("nothing is said of %s", fieldOf(leaf))
			}
		}
		for _, o := range r.Bundle.Objects {
			for _, p := range schema.Check(o, r.To) {
				if p.Severity == schema.Error && o.Kind != "Service" && o.Kind != "Deployment" { // whose samples are no good values
					t.Errorf("%s: %s: %s", o.ID, p.Field, p.Message)
				}
			}
		}
	}
}

// migrateSpec migrates a control plane, read from text as a file is.
func migrateSpec(t *testing.T, spec tree) *Result {
	t.Helper()
	data, err := json.Marshal(tree{"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": tree{"namespace": "istio-system", "name": "basic"}, "spec": spec})
	if err != nil {
		t.Fatal(err)
	}
	return migrateText(t, string(data))
}

func migrateText(t *testing.T, text string) *Result {
	t.Helper()
	b, err := bundle.Read("mesh.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(b, target(t, "ossm-2.6"), target(t, "ossm-3.4"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sample is a value of a schema.
func sample(s tree) any {
	switch {
	case s["enum"] != nil:
		return s["enum"].([]any)[0]
	case getMap(s, "properties") != nil:
		all := tree{}
		for key, inner := range getMap(s, "properties") {
			all[key] = sample(inner.(tree))
		}
		return all
	case getMap(s, "additionalProperties") != nil:
		return tree{"any": sample(getMap(s, "additionalProperties"))}
	}
	switch s["type"] {
	case "array":
		return []any{sample(getMap(s, "items"))}
	case "boolean":
		return true
	case "integer", "number":
		return 1
	case "object":
		return tree{"any": "1s"}
	}
	return "1s" // a name, and a duration
}

// leaves are the paths of all values but maps; a list is one value.
func leaves(path []string, v any) [][]string {
	inner, ok := v.(tree)
	if !ok {
		return [][]string{path}
	}
	var all [][]string
	for _, key := range sorted(inner) {
		all = append(all, leaves(append(slices.Clone(path), key), inner[key])...)
	}
	return all
}

// prefixes are a path and all around it but the spec as a whole.
func prefixes(path []string) []string {
	var all []string
	for n := 2; n <= len(path); n++ {
		all = append(all, fieldOf(path[:n]))
	}
	return all
}
