package rules

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// TestReportedRoutes holds the reported faults of family 4 against the rules: the faulty bundle brings the finding that
// its header names, and nothing else at error; the mended one brings nothing at error or warning.
func TestReportedRoutes(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rule := caseHeader(a, "rule")
		if !strings.HasPrefix(rule[0], "MSH4") {
			continue
		}
		tried++
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			want := strings.Join([]string{caseHeader(a, "outcome")[0], rule[0], caseHeader(a, "object")[0]}, " ")
			for _, f := range a.Files {
				found := runCase(t, a, f)
				if f.Name == "good.yaml" {
					want = ""
				}
				if want != "" && !slices.Contains(found, want) {
					t.Errorf("%s: no %s", f.Name, want)
				}
				for _, one := range found {
					if one != want && (want == "" || strings.HasPrefix(one, string(validate.Error))) {
						t.Errorf("%s: found %s", f.Name, one)
					}
				}
			}
		})
	}
	if tried < 8 {
		t.Errorf("%d cases, want at least 8", tried)
	}
}

// runCase gives the findings of a case's bundle at error and warning: severity, rule and object.
func runCase(t *testing.T, a *txtar.Archive, f txtar.File) []string {
	t.Helper()
	b, err := bundle.Read(f.Name, bytes.NewReader(f.Data))
	if err != nil {
		t.Fatal(err)
	}
	o := validate.Options{Rules: All}
	o.Target, _ = mesh.Lookup(caseHeader(a, "target")[0])
	for _, text := range caseHeader(a, "request") {
		from, to, _ := strings.Cut(text, " ")
		o.Requests = append(o.Requests, traffic.Request{From: from, To: to})
	}
	result, err := validate.Run(b, o)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, one := range result.Findings {
		if one.Severity != validate.Info {
			found = append(found, strings.Join([]string{string(one.Severity), one.Rule, one.Object.String()}, " "))
		}
	}
	return found
}

// caseHeader is what a case's head says of a key, in every line that does; there is at least one, which may be empty.
func caseHeader(a *txtar.Archive, key string) []string {
	var all []string
	_, head, _ := strings.Cut(string(a.Comment), "\n\n")
	for line := range strings.Lines(head) {
		if value, ok := strings.CutPrefix(line, key+": "); ok {
			all = append(all, strings.TrimSpace(value))
		}
	}
	if len(all) == 0 && key != "request" {
		return []string{""}
	}
	return all
}
