package bundle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/yaml"
)

// YAML writes the objects as one stream of documents, fields in alphabetical order. With annotate, a comment before
// each says why it exists.
func (b *Bundle) YAML(w io.Writer, annotate bool) error {
	out := bufio.NewWriter(w)
	for i, o := range b.Objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		if annotate && o.Why != "" {
			out.WriteString("# " + o.ID.String() + ": " + o.Why + "\n")
		}
		text, err := yaml.Marshal(o.Tree)
		if err != nil {
			return fmt.Errorf("%s: %w", o.ID, err)
		}
		out.Write(text)
	}
	return out.Flush()
}

// JSON writes the objects as one List.
func (b *Bundle) JSON(w io.Writer) error {
	items := make([]any, len(b.Objects))
	for i, o := range b.Objects {
		items[i] = o.Tree
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
}

// Names writes a line for each object, as kubectl does with -o name, and its namespace.
func (b *Bundle) Names(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, o := range b.Objects {
		group, _, grouped := strings.Cut(o.APIVersion, "/")
		name := strings.ToLower(o.Kind)
		if grouped {
			name += "." + group
		}
		name += "/" + o.Name
		if o.Namespace != "" {
			name += " -n " + o.Namespace
		}
		fmt.Fprintln(out, name)
	}
	return out.Flush()
}

// A File is one object with the name of its file.
type File struct {
	Name   string
	Object *Object
}

// Files names a file for each object, so that their alphabetical order, in which kubectl applies a folder, is the order
// of applying, and so that an object keeps its file when others come and go.
func (b *Bundle) Files() []File {
	files := make([]File, len(b.Objects))
	for i, o := range b.Objects {
		name := fmt.Sprintf("%02d-%s-", rank(o.Kind), strings.ToLower(o.Kind))
		if o.Namespace != "" {
			name += o.Namespace + "-"
		}
		files[i] = File{name + o.Name + ".yaml", o}
	}
	return files
}
