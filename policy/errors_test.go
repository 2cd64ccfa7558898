package policy

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
)

var update = flag.Bool("update", false, "write what is said in testdata/errors anew")

// TestErrors: each archive of testdata/errors holds policies that are wrong, or that are right and go wrong with the
// objects of its bundle.yaml; its last file is what is said, each problem with its excerpt and hint.
func TestErrors(t *testing.T) {
	files, _ := filepath.Glob("testdata/errors/*.txtar")
	if len(files) == 0 {
		t.Fatal("no archives")
	}
	for _, file := range files {
		full, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(full)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			last := &archive.Files[len(archive.Files)-1]
			if last.Name != "want" {
				t.Fatalf("the last file is %s, not want", last.Name)
			}
			var policies []string
			var data Data
			for _, f := range archive.Files[:len(archive.Files)-1] {
				if f.Name == "bundle.yaml" {
					data = dataOf(t, f.Name, f.Data)
					continue
				}
				if folder := filepath.Dir(f.Name); folder == "." {
					policies = append(policies, f.Name)
				} else if err := os.MkdirAll(folder, 0o755); err != nil {
					t.Fatal(err)
				} else if len(policies) == 0 || policies[len(policies)-1] != folder {
					policies = append(policies, folder)
				}
				if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			set, err := Load(policies)
			if (set == nil) != (err != nil) {
				t.Errorf("a set and an error, or neither: %v", err)
			}
			if err == nil {
				found, fault := set.Check(data)
				if fault != nil && found != nil {
					t.Errorf("findings beside an error: %v", found)
				}
				err = fault
			}
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			got := said(err)
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(full, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(last.Data) {
				t.Errorf("got\n%s\nwant\n%s", got, last.Data)
			}
		})
	}
}

// said is what people are told.
func said(err error) string {
	var b strings.Builder
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			b.WriteString(said(e))
		}
		return b.String()
	}
	b.WriteString(err.Error() + "\n")
	var p *Problem
	if errors.As(err, &p) {
		for _, line := range strings.Split(p.Excerpt, "\n") {
			if line != "" {
				b.WriteString("    " + line + "\n")
			}
		}
		if p.Hint != "" {
			b.WriteString("hint: " + p.Hint + "\n")
		}
	}
	return b.String()
}

// TestFolder: what is in a folder and no policy is not passed over.
func TestNoInput(t *testing.T) {
	if _, err := Load([]string{"-"}); err == nil {
		t.Error("stdin is read")
	}
	if _, err := Load([]string{"no such file"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	var unread *bundle.ReadError
	if _, err := Read("p.yaml", strings.NewReader("a: [")); !errors.As(err, &unread) || unread.Line != 1 {
		t.Errorf("broken YAML: %v", err)
	}
}
