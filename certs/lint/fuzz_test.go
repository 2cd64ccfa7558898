package lint

import (
	"strings"
	"testing"

	"github.com/cloudflare/cfssl/config"
)

// FuzzFile: whatever cfssl refuses has an error, and no text crashes us.
func FuzzFile(f *testing.F) {
	for _, c := range changes {
		f.Add(strings.Replace(clean, c.old, c.new, 1))
	}
	for from, changes := range map[string][]change{cleanLeaf: leafChanges, cleanCA: caChanges} {
		for _, c := range changes {
			f.Add(strings.Replace(from, c.old, c.new, 1))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := File("f.json", []byte(text), now)
		if err != nil || r.Kind != Config {
			return
		}
		refused := guard(func() error {
			_, err := config.LoadConfig((&linter{text: []byte(text)}).withoutLateKeys())
			return err
		})
		if refused != nil && !strings.Contains(brief(r.Findings), "error ") {
			t.Errorf("cfssl says %v, and we %q", refused, brief(r.Findings))
		}
		lines := strings.Count(text, "\n") + 1
		for _, x := range r.Findings {
			if x.Line < 1 || x.Line > lines || x.Column < 1 {
				t.Errorf("%+v", x)
			}
		}
	})
}
