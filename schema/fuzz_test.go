package schema

import (
	"bytes"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// FuzzCheck looks at whatever can be read as objects, for the oldest target and the newest ones.
func FuzzCheck(f *testing.F) {
	for _, o := range documents(f, 4).Objects {
		f.Add(o.JSON)
	}
	for _, r := range refusals(f) {
		f.Add(r.object.JSON)
	}
	targets := append([]mesh.Target{mesh.Targets[0]}, mesh.Newest()...)
	f.Fuzz(func(t *testing.T, data []byte) {
		b, _ := bundle.Read("fuzz.yaml", bytes.NewReader(data))
		if b == nil {
			return
		}
		for _, o := range b.Objects {
			for _, target := range targets {
				for _, p := range Check(o, target) {
					if p.Rule == "" || p.Kind == "" || p.Severity == "" || p.Message == "" {
						t.Errorf("%s: %+v", o.JSON, p)
					}
					o.At(p.Field)
				}
			}
		}
	})
}
