package policy

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// shipped is where the policies are that come with the program.
const shipped = "../policies"

// TestShipped holds each policy that is shipped against the bundles of its archive in testdata. Each line of theirs
// that ends in "# want ID" has that finding, and no other line has any; "# no line: want ID" is one without a place. A
// first line "# target: NAME" chooses the mesh.
func TestShipped(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no policies", err)
	}
	var archives []string
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		archives = append(archives, filepath.Join("testdata", name+".txtar"))
		t.Run(name, func(t *testing.T) {
			set, err := Load([]string{file})
			if err != nil {
				t.Fatal(err)
			}
			archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			if len(bytes.TrimSpace(archive.Comment)) == 0 {
				t.Error("the archive does not say what it shows")
			}
			bad := map[string]bool{}
			for _, f := range archive.Files {
				want := marks(f)
				if (f.Name == "good.yaml") != (len(want) == 0) {
					t.Errorf("%s wants %q: the good bundle has no findings, and every other has", f.Name, want)
				}
				for _, w := range want {
					bad[w[strings.LastIndex(w, " ")+1:]] = true
				}
				var got []string
				for _, found := range findings(t, set, f) {
					got = append(got, fmt.Sprintf("%s:%d %s", found.File, found.Line, found.Rule))
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(slices.Compact(got), want) {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			for _, r := range set.Rules() {
				if !bad[r.ID] {
					t.Errorf("no bundle breaks %s", r.ID)
				}
				if r.Policy != name {
					t.Errorf("%s: the policy is called %s, its file %s", r.ID, r.Policy, name)
				}
			}
		})
	}
	if all, _ := filepath.Glob("testdata/*.txtar"); !slices.Equal(all, archives) {
		t.Errorf("archives: %v, want those of the policies: %v", all, archives)
	}
	if _, err := Load([]string{shipped}); err != nil {
		t.Errorf("all at once: %v", err)
	}
}

var mark = regexp.MustCompile(`# (no line: )?want (\S+)$`)

// marks are the findings that a file wants, as FILE:LINE ID.
func marks(f txtar.File) []string {
	var want []string
	for i, line := range strings.Split(string(f.Data), "\n") {
		switch m := mark.FindStringSubmatch(line); {
		case m == nil:
		case m[1] != "":
			want = append(want, ":0 "+m[2])
		default:
			want = append(want, fmt.Sprintf("%s:%d %s", f.Name, i+1, m[2]))
		}
	}
	return want
}

// findings are those of a bundle and all requests that it tells of.
func findings(t *testing.T, set *Set, f txtar.File) []validate.Finding {
	t.Helper()
	all, err := set.Check(dataOf(t, f.Name, f.Data))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range all {
		if found.Message == "" || found.Name == "" || found.Category == "" || found.Severity == "" {
			t.Errorf("a finding without words: %+v", found)
		}
	}
	return all
}

func dataOf(t testing.TB, name string, text []byte) Data {
	t.Helper()
	b, err := bundle.Read(name, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	called, written := strings.CutPrefix(first, "# target: ")
	if !written {
		called = "ossm-3.4"
	}
	target, ok := mesh.Lookup(called)
	if !ok {
		t.Fatalf("no target %q", called)
	}
	index, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
	if err != nil {
		t.Fatal(err)
	}
	data := Data{Target: called, Objects: b.Objects}
	for _, r := range index.Requests("") {
		path, err := index.Walk(r)
		if err != nil {
			t.Fatal(err)
		}
		data.Paths = append(data.Paths, path)
	}
	return data
}
