package main

import (
	"bytes"
	"encoding/json"
	"strings"

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

// definitionFiles are a file for each definition, named by its slug.
func definitionFiles(all []tyk.Definition) (files []file) {
	for _, d := range all {
		var text bytes.Buffer
		text.Write(d.JSON)
		if !bytes.HasSuffix(d.JSON, []byte("\n")) {
			text.WriteByte('\n')
		}
		files = append(files, file{strings.ReplaceAll(strings.Trim(d.Slug, "/"), "/", "-") + ".json", 0o666, text.Bytes()})
	}
	return files
}
