package schema

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// A refusal is an entry of testdata/refused.yaml.
type refusal struct {
	is, by string
	target mesh.Target
	object *bundle.Object
}

func refusals(t testing.TB, files ...string) []refusal {
	t.Helper()
	if len(files) == 0 {
		files = []string{"refused", "said"}
	}
	var all []refusal
	for _, file := range files {
		all = append(all, refusalsIn(t, "testdata/"+file+".yaml")...)
	}
	return all
}

func refusalsIn(t testing.TB, file string) []refusal {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries []map[string]any
	if err := yaml.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	var all []refusal
	for _, e := range entries {
		var r refusal
		r.is, _ = e["is"].(string)
		r.by, _ = e["by"].(string)
		name, _ := e["target"].(string)
		if name == "" {
			name = "istio-1.31"
		}
		var ok bool
		if r.target, ok = mesh.Lookup(name); !ok {
			t.Fatalf("no target %s", name)
		}
		tree := map[string]any{"metadata": e["metadata"], "apiVersion": e["apiVersion"]}
		if tree["metadata"] == nil {
			tree["metadata"] = map[string]any{"name": "a", "namespace": "shop"}
		}
		for key, value := range e {
			if key[0] >= 'A' && key[0] <= 'Z' {
				tree["kind"], tree["spec"] = key, value
			}
		}
		if tree["apiVersion"] == nil {
			tree["apiVersion"] = newest(tree["kind"].(string), r.target)
		}
		r.object = &bundle.Object{ID: bundle.Identify(tree)}
		if r.object.JSON, err = json.Marshal(tree); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// newest is the newest apiVersion that a target serves a kind in.
func newest(kind string, target mesh.Target) string {
	for _, group := range []string{"networking.istio.io", "security.istio.io", "telemetry.istio.io"} {
		if versions, _ := shelf().served(group, kind, target.IstioMinor()); len(versions) > 0 {
			return group + "/" + versions[0]
		}
	}
	return ""
}

func TestRefused(t *testing.T) {
	counts := map[string]int{}
	for _, r := range refusals(t, "refused") {
		counts[r.by]++
		var got []string
		for _, p := range Check(r.object, r.target) {
			if p.Severity == Error {
				got = append(got, p.Rule+" "+p.Field)
			}
			if p.Message == "" || strings.HasSuffix(p.Message, ".") {
				t.Errorf("message %q", p.Message)
			}
		}
		want := strings.Split(r.is, "; ")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s of %s:\n got %q\nwant %q\n%s", r.object.Kind, r.target.Name, got, want, r.object.JSON)
		}
	}
	t.Log(counts)
}

func TestSaid(t *testing.T) {
	for _, r := range refusals(t, "said") {
		var got []string
		for _, p := range Check(r.object, r.target) {
			got = append(got, p.Rule+" "+string(p.Severity)+" "+p.Field+": "+p.Message)
		}
		slices.Sort(got)
		if text := strings.Join(got, "; "); text != r.is {
			t.Errorf("%s\n got %q\nwant %q", r.object.JSON, text, r.is)
		}
	}
}
