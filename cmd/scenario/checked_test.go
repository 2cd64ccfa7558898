package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/schema"
)

// TestRenderedIsClean: of what is rendered, for any target and with odd parameters, package schema has nothing to say.
func TestRenderedIsClean(t *testing.T) {
	objects := 0
	check := func(name string, target mesh.Target, b *bundle.Bundle) {
		if target.Name == "" { // a file of the variants, which ends in .TARGET.yaml
			_, of, _ := strings.Cut(filepath.Base(strings.TrimSuffix(name, ".yaml")), ".")
			target, _ = mesh.Lookup(of)
		}
		for _, o := range b.Objects {
			objects++
			for _, p := range schema.Check(o, target) {
				t.Errorf("%s: %s: %s %s %s: %s", name, o.ID, p.Rule, p.Severity, p.Field, p.Message)
			}
		}
		for _, f := range schema.Across(b, target) {
			t.Errorf("%s: %s: %s %s %s: %s", name, f.Object.ID, f.Rule, f.Severity, f.Field, f.Message)
		}
	}
	renderAll(t, check)
	renderOdd(t, check)
	renderVariants(t, check)
	t.Log(objects, "objects")
}
