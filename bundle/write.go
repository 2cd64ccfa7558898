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
	"unicode"

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
			out.WriteString("# " + comment(o.ID.String()+": "+o.Why) + "\n")
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

// comment keeps a text on its line: whatever YAML takes for the end of one, and other control characters, become
// spaces.
func comment(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' {
			return ' '
		}
		return r
	}, text)
}

// A File is one object with the name of its file.
type File struct {
	Name   string
	Object *Object
}

// Files names a file for each object, so that their alphabetical order, in which kubectl applies a folder, is the order
// of applying, and so that an object keeps its file when others come and go. No two names are the same.
func (b *Bundle) Files() []File {
	files := make([]File, len(b.Objects))
	seen := map[string]bool{}
	for i, o := range b.Objects {
		// Underscores stand in no namespace, so the parts of a name cannot run into each other.
		name := fmt.Sprintf("%02d-%s_%s_%s.yaml", rank(o.Kind), strings.ToLower(o.Kind), o.Namespace, o.Name)
		if seen[name] {
			name = fmt.Sprintf("%02d-%s.%s_%s_%s.yaml", rank(o.Kind), strings.ToLower(o.Kind), strings.ReplaceAll(o.APIVersion, "/", "."), o.Namespace, o.Name)
		}
		seen[name] = true
		files[i] = File{name, o}
	}
	return files
}
