package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/meshscenario/scenario/tyk"
)

// writeDefinitions writes a list to stdout, or a file each.
func (f tykAPIFlags) writeDefinitions(s streams, all []tyk.Definition) error {
	if f.to == "" {
		items := make([]json.RawMessage, len(all))
		for i, d := range all {
			items[i] = d.JSON
		}
		return environment(writeJSON(s.out, items))
	}
	return writeFiles(definitionFiles(all), f.to, f.overwrite)
}

// definitionFiles are a file for each definition, named by its slug. Of slugs that a file system takes for one, the later
// ones are numbered.
func definitionFiles(all []tyk.Definition) (files []file) {
	taken := map[string]bool{}
	for _, d := range all {
		var text bytes.Buffer
		text.Write(d.JSON)
		if !bytes.HasSuffix(d.JSON, []byte("\n")) {
			text.WriteByte('\n')
		}
		slug := strings.Map(fileRune, strings.Trim(d.Slug, "/"))
		name := slug
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d", slug, n)
		}
		taken[strings.ToLower(name)] = true
		files = append(files, file{name + ".json", 0o666, text.Bytes()})
	}
	return files
}

// fileRune keeps a slug, which may be any text, in one folder and in one line.
func fileRune(r rune) rune {
	if r == '/' || r == '\\' || unicode.IsControl(r) {
		return '-'
	}
	return r
}
