package validate_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// TestReportedFound holds the rules against faults that people met: of each, one finding at error or warning, by the rule
// and at the object that the case names; of the mended bundle, none.
func TestReportedFound(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			r := readReported(t, file)
			find := func(name string, data []byte) []validate.Finding {
				b, err := bundle.Read(name, bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				target, _ := mesh.Lookup(r.header["target"])
				result, err := validate.Run(b, validate.Options{Target: target, Requests: r.requests, Rules: rules.All})
				if err != nil {
					t.Fatal(err)
				}
				var found []validate.Finding
				for _, f := range result.Findings {
					if f.Severity != validate.Info {
						found = append(found, f)
					}
				}
				return found
			}
			found := find("bad.yaml", r.bad)
			if len(found) != 1 || found[0].Rule != r.header["rule"] || found[0].Object.String() != r.header["object"] {
				t.Errorf("want one finding, %s at %s %s", r.header["rule"], r.header["object"], r.header["field"])
				for _, f := range found {
					t.Logf("found %s %s: %s %s: %s", f.Severity, f.Rule, f.Object, f.Field, f.Message)
				}
			}
			for _, f := range find("good.yaml", r.good) {
				t.Errorf("good: %s %s: %s %s: %s", f.Severity, f.Rule, f.Object, f.Field, f.Message)
			}
		})
	}
}
