package policy

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
)

// TestSpot: every character of a text is found in the file, however YAML writes the text.
func TestSpot(t *testing.T) {
	for name, value := range map[string]string{
		"plain":         "require: a.all(x, x == 'ä') || b",
		"plain, folded": "require:   # why\n      a.all(x,\n        x == 'ä') ||\n\n      b",
		"single quotes": "require: 'a.all(x, x == ''ä'') || b'",
		"double quotes": `"require": "a.all(x, x == \"\xe4\u00e4\U000000e4\") ||\tb\n"`,
		"broken line":   "'require': \"a.all(x, x == 'ä') || \\\n        b\"",
		"literal":       "require: |-\n      a.all(x,\n        x == 'ä') ||\n\n      b",
		"folded":        "require: >2\n        a.all(x,\n          x == 'ä') ||\n\n        b\n",
		"tag":           "require: !!str &a a.all(x, x == 'ä') || b",
	} {
		file := "\ufeff" + "apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec:\n    ä: 1\n    " + value + "\n"
		b, err := bundle.Read("f", strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		o := b.Objects[0]
		text := o.Tree()["spec"].(map[string]any)["require"].(string)
		s := spot{text, o.At("spec.require"), []byte(file)}
		lines := strings.Split(strings.TrimPrefix(file, "\ufeff"), "\n")
		for i, r := range text {
			if strings.ContainsRune(" \n\t", r) {
				continue
			}
			at := s.at(i)
			got := []rune(lines[at.Line-1])[at.Column-1]
			escaped := strings.HasPrefix(name, "double") && got == '\\' || strings.HasPrefix(name, "single") && got == '\''
			if at.Line < 6 || got != r && !escaped {
				t.Errorf("%s: %q at %d of %q is at %v, where %q is", name, r, i, text, at, got)
			}
		}
		if end := s.at(len(text)); end.Line < s.at(0).Line {
			t.Errorf("%s: the end is at %v", name, end)
		}
	}
	for name, s := range map[string]spot{
		"no file":       {"a", bundle.Position{File: "f", Line: 3, Column: 5}, nil},
		"another file":  {"a", bundle.Position{File: "f", Line: 1, Column: 1}, []byte("require: b")},
		"an alias":      {"a", bundle.Position{File: "f", Line: 1, Column: 1}, []byte("require: *b")},
		"a short file":  {"a", bundle.Position{File: "f", Line: 2, Column: 9}, []byte("a:\nb: c")},
		"nothing there": {"a", bundle.Position{File: "f", Line: 1, Column: 1}, []byte("require:")},
	} {
		if got := s.at(0); got.Line != s.key.Line && got.Line != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
