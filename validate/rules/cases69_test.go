package rules_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// TestReportedPlatformAndPolicy holds the families 6 and 9 against the faults that people reported: where a case names
// one of their rules, that rule finds it, and nothing else does; of what was mended, they find nothing. Cases of other
// families must not make them speak either.
func TestReportedPlatformAndPolicy(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	ours := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(data)
		head := map[string]string{}
		var requests []traffic.Request
		for line := range strings.Lines(string(archive.Comment)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			if words := strings.Fields(value); key == "request" && len(words) == 2 {
				requests = append(requests, traffic.Request{From: words[0], To: words[1]})
			}
			head[key] = value
		}
		mine := isOurs(head["rule"])
		if mine {
			ours++
		}
		for _, f := range archive.Files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) {
				found := reportedBy(t, f, head["target"], requests)
				if mine && f.Name == "bad.yaml" {
					want := head["rule"] + " at " + head["object"]
					if i := slices.Index(found, want); i < 0 {
						t.Errorf("not found: %s", want)
					} else {
						found = slices.Delete(found, i, i+1)
					}
				}
				for _, other := range found {
					if id, _, _ := strings.Cut(other, " "); isOurs(id) {
						t.Errorf("found %s", other)
					}
				}
			})
		}
	}
	if ours < 4 {
		t.Errorf("%d cases are of these families, want at least 4", ours)
	}
}

func isOurs(rule string) bool {
	return strings.HasPrefix(rule, "MSH6") || strings.HasPrefix(rule, "MSH9")
}

// reportedBy lists the rules that speak at error or warning, and of what.
func reportedBy(t *testing.T, f txtar.File, name string, requests []traffic.Request) []string {
	t.Helper()
	b, err := bundle.Read(f.Name, strings.NewReader(string(f.Data)))
	if err != nil {
		t.Fatal(err)
	}
	target, ok := mesh.Lookup(name)
	if !ok {
		t.Fatalf("unknown target %q", name)
	}
	result, err := validate.Run(b, validate.Options{Target: target, Requests: requests, Rules: rules.All})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, one := range result.Findings {
		if one.Severity != validate.Info {
			found = append(found, one.Rule+" at "+one.Object.String())
		}
	}
	return found
}
