package edit

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// TestPeoplesFiles makes a few edits of every object in the files that we have. Each adds or changes a few lines, and
// what is refused is rare.
func TestPeoplesFiles(t *testing.T) {
	roots := []string{"../examples"}
	if shared := os.Getenv("SCENARIO_SHARED"); shared != "" {
		roots = append(roots, filepath.Join(shared, "corpus"), filepath.Join(shared, "seeds"))
	} else {
		t.Log("SCENARIO_SHARED is not set: only the examples are read")
	}
	done, refused := 0, 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil || len(text) > 100_000 {
				return err
			}
			b, err := bundle.Read(name, bytes.NewReader(text))
			if err != nil {
				return nil
			}
			seen := map[validate.Object]int{}
			for _, o := range b.Objects {
				seen[validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}]++
			}
			for id, n := range seen {
				if n > 1 {
					continue
				}
				for field, v := range map[string]any{
					"metadata.annotations[\"x.y/z\"]": "v", "metadata.labels": nil, "spec.zzz[0].a": []any{1, "b"}, "kind": "New",
				} {
					out, err := Text(name, text, []validate.Edit{{Object: id, Field: field, Value: v}})
					if err != nil {
						refused++
						t.Logf("%v", err)
						continue
					}
					done++
					if added := strings.Count(string(out), "\n") - strings.Count(string(text), "\n"); v != nil && (added < 0 || added > 5) {
						t.Errorf("%s: %s: %d lines more", name, field, added)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d edits done, %d refused", done, refused)
	if refused*200 > done {
		t.Errorf("%d of %d edits are refused", refused, done+refused)
	}
}

// BenchmarkMany makes a fix in each item of one long List.
func BenchmarkMany(b *testing.B) {
	var text strings.Builder
	text.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	var fixes [][]validate.Edit
	for i := range 300 {
		fmt.Fprintf(&text, "- apiVersion: v1\n  kind: A\n  metadata:\n    name: a%d\n  spec:\n    x: 1\n", i)
		fixes = append(fixes, []validate.Edit{{Object: validate.Object{Kind: "A", Name: fmt.Sprint("a", i)}, Field: "spec.y", Value: i}})
	}
	bundled, err := bundle.Read("x", strings.NewReader(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p := NewPlan(bundled)
		p.read = func(string) ([]byte, error) { return []byte(text.String()), nil }
		for _, err := range p.Add(fixes...) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
