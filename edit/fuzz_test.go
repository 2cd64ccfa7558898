package edit

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// plainTree is the object as encoding/json decodes it, and nothing where a number is too large to be told from others.
func plainTree(t *testing.T, data []byte) (tree any) {
	t.Helper()
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// FuzzText: whatever the text, the field and the value, an edit is refused or made exactly, and nothing else changes.
func FuzzText(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var in string
		for _, part := range archive.Files {
			switch filepath.Ext(part.Name) {
			case ".in":
				in = unescape.Replace(string(part.Data))
			case ".edits":
				for _, line := range bytes.Split(bytes.TrimSpace(part.Data), []byte("\n")) {
					_, rest, _ := bytes.Cut(line, []byte(": "))
					field, value, _ := bytes.Cut(rest, []byte(" = "))
					f.Add(in, 0, string(field), string(value))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string, number int, field, data string) {
		b, err := bundle.Read("x", bytes.NewReader([]byte(text)))
		if err != nil || len(b.Objects) == 0 || len(text) > 5000 || len(data) > 500 {
			return
		}
		var v any
		if json.Unmarshal([]byte(data), &v) != nil {
			return
		}
		number = int(uint(number) % uint(len(b.Objects)))
		o := b.Objects[number]
		out, err := Text("x", []byte(text), []validate.Edit{{Object: validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}, Field: field, Value: json.RawMessage(data)}})
		if err != nil {
			return
		}
		now, err := bundle.Read("x", bytes.NewReader(out))
		if err != nil || len(now.Objects) != len(b.Objects) {
			t.Fatalf("%s = %s\n%s\ngives\n%s\n%v", field, data, text, out, err)
		}
		path, _ := bundle.Steps(field)
		for i, o := range b.Objects {
			want, got := plainTree(t, o.JSON), plainTree(t, now.Objects[i].JSON)
			ok := true
			if i == number {
				want, ok = set(want, path, v)
			}
			if !ok || !reflect.DeepEqual(got, want) {
				t.Fatalf("object %d: %s = %s\n%s\ngives\n%s", i, field, data, text, out)
			}
		}
	})
}
