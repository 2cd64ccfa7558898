package bundle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"go.yaml.in/yaml/v2"
)

// YAML writes the objects as one stream of documents, fields in alphabetical order. With annotate, a comment before
// each says why it exists.
func (b *Bundle) YAML(w io.Writer, annotate bool) error {
	const chunk = 256
	texts := make([][]byte, (len(b.Objects)+chunk-1)/chunk)
	errs := make([]error, len(texts))
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range texts {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			objects := b.Objects[i*chunk : min((i+1)*chunk, len(b.Objects))]
			texts[i], errs[i] = documents(objects, annotate, i > 0)
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, text := range texts {
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// documents writes objects with --- between them, and before the first if others came before.
func documents(objects []*Object, annotate, more bool) ([]byte, error) {
	var out bytes.Buffer
	for _, o := range objects {
		if more {
			out.WriteString("---\n")
		}
		more = true
		if annotate && o.Why != "" {
			out.WriteString("# " + o.ID.String() + ": " + o.Why + "\n")
		}
		// What sigs.k8s.io/yaml does, without its way through JSON, which costs twice as much as all the rest. A test
		// holds the bytes against its.
		text, err := yaml.Marshal(o.Tree())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.ID, err)
		}
		out.Write(text)
	}
	return out.Bytes(), nil
}

// JSON writes the objects as one List.
func (b *Bundle) JSON(w io.Writer) error {
	items := make([]any, len(b.Objects))
	for i, o := range b.Objects {
		items[i] = json.RawMessage(o.JSON)
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
