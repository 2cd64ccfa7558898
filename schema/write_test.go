package schema

import (
	"bufio"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

var write = flag.String("write", "", "write objects and what is said of them into a file, for a real API server to be held against")

// A testCase is an object, and whether the API server of a target should refuse it.
type testCase struct {
	Target  string          `json:"target"`
	Object  json.RawMessage `json:"object"`
	Refused []string        `json:"refused"`
}

// TestWrite writes the objects of the tables, and random ones of the newest target of each line.
func TestWrite(t *testing.T) {
	if *write == "" {
		t.Skip("-write names no file")
	}
	file, err := os.Create(*write)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(out)
	put := func(o *bundle.Object, target mesh.Target) {
		c := testCase{Target: target.Name, Object: o.JSON, Refused: []string{}}
		for _, p := range Check(o, target) {
			if p.Severity == Error && strings.HasPrefix(p.Consequence, "the API server") {
				c.Refused = append(c.Refused, p.Rule+" "+p.Field+": "+p.Message)
			}
		}
		if err := encoder.Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range refusals(t) {
		put(r.object, r.target)
	}
	l := shelf()
	for _, target := range mesh.Newest() {
		for _, name := range slices.Sorted(maps.Keys(l.roots)) {
			of := cutKind(name)
			if message, _ := elsewhere(strings.Split(name, "/")[0], of.kind, target); name == "metadata" || message != "" || rootOf(name, target.IstioMinor()) == nil ||
				strings.HasPrefix(name, "route.openshift.io/") && !target.Routes || strings.HasPrefix(name, "sailoperator.io/") && target.ControlPlane != mesh.Sail {
				continue
			}
			for seed := range uint64(6) {
				tree := randomObject(l, name, target.IstioMinor(), 1000+seed)
				data, err := json.Marshal(tree)
				if err != nil {
					t.Fatal(err)
				}
				put(&bundle.Object{ID: bundle.Identify(tree), JSON: data}, target)
			}
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
