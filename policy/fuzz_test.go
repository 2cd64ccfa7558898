package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
)

// FuzzRead: whatever is read, there is a set or there are errors, each with a place within the text; and a set can be
// used.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(shipped, "*.yaml"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	archives, _ := filepath.Glob("testdata/errors/*.txtar")
	for _, file := range archives {
		if archive, err := txtar.ParseFile(file); err == nil && filepath.Base(file) != "runaway.txtar" {
			f.Add(string(archive.Files[0].Data))
		}
	}
	data := dataOf(f, "bundle.yaml", []byte(bundleOf(1)))
	f.Fuzz(func(t *testing.T, text string) {
		set, err := Read("p.yaml", strings.NewReader(text))
		if (set == nil) != (err != nil) {
			t.Fatalf("a set and an error, or neither: %v", err)
		}
		if err == nil {
			_, err = set.Check(data)
		}
		if err == nil {
			return
		}
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("%T: %v", err, err)
		}
		lines := strings.Split(text, "\n")
		for _, err := range joined.Unwrap() {
			var p *Problem
			var read *bundle.ReadError
			switch {
			case errors.As(err, &read):
			case !errors.As(err, &p):
				t.Errorf("%T: %v", err, err)
			case p.At.Line > len(lines):
				t.Errorf("%v: there are %d lines", err, len(lines))
			case p.At.Line > 0 && utf8.ValidString(text) && p.At.Column > utf8.RuneCountInString(lines[p.At.Line-1])+1:
				t.Errorf("%v: the line is %q", err, lines[p.At.Line-1])
			case strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "internal error"):
				t.Errorf("%q", err)
			}
		}
	})
}
