package edit

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/validate"
)

var update = flag.Bool("update", false, "write the outcomes of testdata anew")

// edit reads an edit as the cases write it: "Kind name: field = JSON".
func readEdit(t *testing.T, line string) validate.Edit {
	t.Helper()
	object, rest, _ := strings.Cut(line, ": ")
	field, data, ok := strings.Cut(rest, " = ")
	kind, name, _ := strings.Cut(object, " ")
	e := validate.Edit{Object: validate.Object{Kind: kind, Name: name}, Field: field}
	if namespace, name, has := strings.Cut(name, "/"); has {
		e.Object.Namespace, e.Object.Name = namespace, name
	}
	if !ok || json.Unmarshal([]byte(data), &e.Value) != nil {
		t.Fatalf("%q is no edit", line)
	}
	return e
}

func readEdits(t *testing.T, text []byte) []validate.Edit {
	t.Helper()
	var edits []validate.Edit
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		edits = append(edits, readEdit(t, line))
	}
	return edits
}

// unescape makes visible what an archive cannot hold: ␍ is a return, ␀ at the end a missing line feed, ␣ a space at the
// end of a line, ␂ a byte order mark.
var unescape = strings.NewReplacer("␍", "\r", "␀\n", "", "␣", " ", "␂", "\ufeff")
var escape = strings.NewReplacer("\r", "␍", " \n", "␣\n", "\ufeff", "␂")

// TestCases makes the edits of each archive in testdata, case by case: a file "name.in", "name.edits", and what comes
// out, "name.out", or the refusal, "name.refused".
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out := &txtar.Archive{Comment: archive.Comment}
		var in []byte
		for i, f := range archive.Files {
			name, ext, _ := strings.Cut(f.Name, ".")
			switch ext {
			case "in":
				in = []byte(unescape.Replace(string(f.Data)))
				out.Files = append(out.Files, f)
			case "edits":
				out.Files = append(out.Files, f)
				result := txtar.File{Name: name + ".out"}
				edits := readEdits(t, f.Data)
				text, err := Text(name+".yaml", in, edits)
				if err != nil {
					result.Name, result.Data = name+".refused", []byte(err.Error()+"\n")
				} else {
					result.Data = []byte(escape.Replace(string(text)))
					if !strings.HasSuffix(string(text), "\n") {
						result.Data = append(result.Data, "␀\n"...)
					}
					again, err := Text(name+".yaml", text, edits)
					if !strings.Contains(name, "item") && (err != nil || string(again) != string(text)) {
						t.Errorf("%s: %s: again, it gives %v\n%s", file, name, err, again)
					}
				}
				out.Files = append(out.Files, result)
				if *update {
					break
				}
				if i+1 == len(archive.Files) || archive.Files[i+1].Name != result.Name || string(archive.Files[i+1].Data) != string(result.Data) {
					t.Errorf("%s: %s\n%s", file, result.Name, result.Data)
				}
			}
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(out), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}
