package waive

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
)

// TestArchives holds the rules about waivers to their examples.
func TestArchives(t *testing.T) {
	for _, r := range Rules {
		data, err := Archive(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			b, err := bundle.Read(f.Name, bytes.NewReader(f.Data))
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			for i, line := range strings.Split(string(f.Data), "\n") {
				if strings.HasSuffix(line, "# want "+r.ID) {
					want += fmt.Sprintf("%s at %d ", r.ID, i+1)
				}
			}
			got := ""
			for _, own := range Apply(Input{Objects: b.Objects, Known: known, Today: today}).Own {
				got += fmt.Sprintf("%s at %d ", own.Rule, own.Line)
				if own.Name != r.Name || own.Severity != r.Severity || own.Category != r.Category {
					t.Errorf("%s: found as %s, %s, %s", r.ID, own.Name, own.Severity, own.Category)
				}
			}
			if got != want || strings.HasPrefix(f.Name, "bad") != (want != "") {
				t.Errorf("%s/%s: %q, want %q", r.ID, f.Name, got, want)
			}
		}
	}
}
