package bundle

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A nodeReader reads any YAML document through a tree of nodes, which know their places. The tree is that of a reader
// of YAML 1.2; what its scalars mean, and how maps are merged, is decided here as kubectl's reader does. That reader
// itself has the last word (agree): a document that the two take differently is refused.
type nodeReader struct {
	encoder
	before int          // lines before the document
	open   []*yaml.Node // what the aliases stand for that are being read
	outer  *yaml.Node   // the first of those aliases
	depth  int
	// budget is how large the JSON may become, and how many nodes may be merged.
	budget, merged int
}

func (r *nodeReader) fault(n *yaml.Node, format string, args ...any) *fault {
	return &fault{r.before + n.Line, n.Column, fmt.Sprintf(format, args...)}
}

// read reads one document; empty says that it has no content.
func (r *nodeReader) read(text []byte, line int) (empty bool, wrong *fault) {
	r.encoder.reset()
	r.before, r.depth, r.open, r.merged = line-1, 0, r.open[:0], 0
	r.budget = 10<<20 + 10*len(text)
	root, wrong := r.parse(text)
	if wrong != nil {
		return false, wrong
	}
	if root == nil || null(root) {
		return true, nil
	}
	r.begin(r.before+root.Line, root.Column)
	if wrong := r.value(root); wrong != nil {
		return false, wrong
	}
	return false, r.agree(text)
}

// rescue makes a fault of a panic of a YAML library: they panic on some inputs that they should refuse.
func (r *nodeReader) rescue(wrong **fault) {
	if recover() != nil {
		*wrong = &fault{r.before + 1, 1, "this YAML cannot be read"}
	}
}

// parse makes nodes of a document; nil where there is none.
func (r *nodeReader) parse(text []byte) (root *yaml.Node, wrong *fault) {
	defer r.rescue(&wrong)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, r.faultOfYAML(err)
	}
	if err := decoder.Decode(&more); err == nil {
		return nil, r.fault(more.Content[0], "a second document begins without a line ---")
	} else if err != io.EOF {
		return nil, r.faultOfYAML(err)
	}
	return document.Content[0], nil
}

// null says whether a document is without content.
func null(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && resolve(n.Value) == nil
}

// libraryLine is how the YAML libraries tell a place.
var libraryLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\n  )?(?:line (\d+): )?`)

// faultOfYAML takes the line out of an error of a YAML library, which tells it only in words, and no column.
func (r *nodeReader) faultOfYAML(err error) *fault {
	text := err.Error()
	m := libraryLine.FindStringSubmatch(text)
	f := &fault{line: r.before + 1, message: text}
	if m != nil {
		f.message = text[len(m[0]):]
		if line, err := strconv.Atoi(m[1]); err == nil {
			f.line = r.before + line
		}
	}
	return f
}

func (r *nodeReader) value(n *yaml.Node) *fault {
	if len(r.json) > r.budget {
		return r.fault(r.outer, tooManyAliases)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		v, wrong := r.scalarOf(n)
		if wrong != nil {
			return wrong
		}
		if n.Style&yaml.LiteralStyle != 0 && r.before+n.Line == r.encoder.line {
			r.literal()
		}
		var ok bool
		if r.json, ok = appendScalar(r.json, v); !ok {
			return r.fault(n, "%s is no number in JSON: put it in quotes", n.Value)
		}
		return nil
	case yaml.AliasNode:
		if slices.Contains(r.open, n.Alias) {
			return r.fault(n, "what *%s stands for holds itself", n.Value)
		}
		if len(r.open) == 0 {
			r.outer = n
		}
		r.open = append(r.open, n.Alias)
		wrong := r.value(n.Alias)
		r.open = r.open[:len(r.open)-1]
		return wrong
	}
	if r.depth++; r.depth > maxDepth {
		return r.fault(n, tooDeep, maxDepth)
	}
	defer func() { r.depth-- }()
	if n.Kind == yaml.SequenceNode {
		return r.list(n)
	}
	return r.mapping(n)
}

func (r *nodeReader) list(n *yaml.Node) *fault {
	r.json = append(r.json, '[')
	for i, item := range n.Content {
		if i > 0 {
			r.json = append(r.json, ',')
		}
		r.place(r.before+item.Line, item.Column)
		if wrong := r.value(item); wrong != nil {
			return wrong
		}
	}
	r.json = append(r.json, ']')
	return nil
}

// scalarOf is the value of a scalar.
func (r *nodeReader) scalarOf(n *yaml.Node) (any, *fault) {
	switch {
	case n.Style&yaml.TaggedStyle == 0 && n.Style == 0:
		return resolve(n.Value), nil
	case n.Style&yaml.TaggedStyle == 0:
		return n.Value, nil
	}
	switch value := resolve(n.Value); n.Tag {
	case "!!null", "!!bool", "!!int", "!!float":
		if tagOf(value) == n.Tag {
			return value, nil
		}
		if i, ok := value.(int64); ok && n.Tag == "!!float" {
			return float64(i), nil
		}
		return nil, r.fault(n, "%q is no %s", n.Value, n.Tag[2:])
	case "!!binary":
		return r.decodeBase64(n)
	}
	return n.Value, nil // a text, or of a tag that nobody knows
}

// tagOf is the tag of a resolved value.
func tagOf(value any) string {
	switch value.(type) {
	case nil:
		return "!!null"
	case bool:
		return "!!bool"
	case int64, uint64:
		return "!!int"
	case float64:
		return "!!float"
	}
	return "!!str"
}

func (r *nodeReader) decodeBase64(n *yaml.Node) (any, *fault) {
	data, err := base64.StdEncoding.DecodeString(n.Value)
	if err != nil {
		return nil, r.fault(n, "!!binary is base64")
	}
	return string(data), nil
}
