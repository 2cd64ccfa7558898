package validate_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// TestReportedFound holds the rules against faults that people met: of each, findings by the rule and at the object that the
// case names, and no others at error or warning; of the mended bundle, none, but for warnings that the case is not about.
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
				return slices.DeleteFunc(result.Findings, func(f validate.Finding) bool {
					return f.Severity == validate.Info && (f.Rule != r.header["rule"] || r.header["outcome"] != "info" || name == "good.yaml")
				})
			}
			found, mended := find("bad.yaml", r.bad), find("good.yaml", r.good)
			hits := 0
			for _, f := range found {
				switch {
				case f.Rule == r.header["rule"] && f.Object.String() == r.header["object"]:
					hits++
					if string(f.Severity) != r.header["outcome"] {
						t.Errorf("%s at %s is an %s; want %s", f.Rule, f.Object, f.Severity, r.header["outcome"])
					}
				case f.Severity == validate.Warning && slices.ContainsFunc(mended, func(g validate.Finding) bool { return g.Rule == f.Rule }):
					// not what the case is about, and not mended
				default:
					t.Errorf("found %s %s: %s %s: %s", f.Severity, f.Rule, f.Object, f.Field, f.Message)
				}
			}
			if hits == 0 {
				t.Errorf("want %s at %s %s", r.header["rule"], r.header["object"], r.header["field"])
			}
			for _, f := range mended {
				if f.Severity == validate.Error || !slices.ContainsFunc(found, func(g validate.Finding) bool { return g.Rule == f.Rule }) {
					t.Errorf("good: %s %s: %s %s: %s", f.Severity, f.Rule, f.Object, f.Field, f.Message)
				}
			}
		})
	}
}
