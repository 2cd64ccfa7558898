package bundle

import (
	"bytes"
	"strings"
)

// A worker reads documents. It owns the buffers that reading takes; objects get copies.
type worker struct {
	text  []byte
	fast  fastReader
	nodes nodeReader
	json  jsonReader
	names map[string]string
}

// An outcome is what a document turned out to be.
type outcome int

const (
	blank    outcome = iota
	stranger         // neither apiVersion nor kind
	other
)

// maxKept is how large buffers may be to be used again.
const maxKept = 4 << 20

func (w *worker) run(b *batch) {
	b.objects = make([]*Object, 0, len(b.ends))
	start, line := 0, b.line
	for _, end := range b.ends {
		text := b.text[start:end]
		d := document{worker: w, file: b.source.name, line: line}
		result := d.read(text)
		if b.first == blank {
			b.first = result
		}
		b.objects = append(b.objects, d.objects...)
		b.errs = append(b.errs, d.errs...)
		line += bytes.Count(text, []byte{'\n'})
		start = end
	}
	b.text, b.ends = nil, nil
	if cap(w.text)+cap(w.fast.encoder.json)+cap(w.nodes.encoder.json)+cap(w.json.encoder.json) > maxKept {
		*w = worker{}
	}
}

// A document is one document while it is read.
type document struct {
	*worker
	file    string
	line    int
	objects []*Object
	errs    []error
}

func (d *document) fail(line, column int, message string) outcome {
	d.errs = append(d.errs, &ReadError{Position: Position{d.file, line, column}, Message: message})
	return other
}

// read reads the document into objects and errors.
func (d *document) read(text []byte) outcome {
	nature, offset, why := inspect(text)
	if nature&bad != 0 {
		line, column := lineColumn(text, offset)
		return d.fail(d.line+line-1, column, why)
	}
	start, end := header(text, true)
	if end > 0 && nature&odd == 0 {
		return blank
	}
	if bytes.HasPrefix(text[start:], []byte(byteOrderMark)) {
		line, column := lineColumn(text, start)
		return d.fail(d.line+line-1, column, "a byte order mark within the text: remove it")
	}
	var jsonFault *fault
	if text[start] == '{' || text[start] == '[' {
		var result outcome
		if result, jsonFault = d.readJSON(text, start, nature&wide != 0); jsonFault == nil {
			return result
		}
	}
	if nature&odd == 0 && d.fast.read(text, d.line, nature&wide != 0) {
		return d.emit(&d.fast.encoder)
	}
	empty, f := d.nodes.read(text, d.line)
	switch {
	case empty:
		return blank
	case f == nil:
		return d.emit(&d.nodes.encoder)
	}
	if f.column == 0 { // the YAML library refuses it, and does not tell where
		if nature&odd == 0 {
			f = diagnose(text, d.line-1, f)
		}
		if jsonFault != nil && f.message != isTemplate && quotedKeys(text[start:]) {
			f = jsonFault
		}
	}
	return d.fail(f.line, max(f.column, 1), f.message)
}

// readJSON reads the JSON values of a document; nothing of them counts when one is wrong.
func (d *document) readJSON(text []byte, start int, wide bool) (outcome, *fault) {
	r := &d.worker.json
	r.open(text, start, d.line, wide)
	first := blank
	for {
		more, f := r.read()
		if f != nil {
			d.objects, d.errs = nil, nil
			return blank, f
		}
		if !more {
			return first, nil
		}
		result := d.emit(&r.encoder)
		if first == blank {
			first = result
		}
	}
}

// quotedKeys says whether a text that begins with a bracket means to be JSON, not YAML.
func quotedKeys(text []byte) bool {
	next := bytes.TrimLeft(text, "[{ \t\r\n")
	return len(next) == 0 || next[0] == '"' || next[0] == '}' || next[0] == ']'
}

// emit makes objects of what was read.
func (d *document) emit(e *encoder) outcome {
	return d.object(&cursor{data: e.json, places: e.places, line: e.first, column: e.column})
}

// object passes over a value and makes an object of it, or several of a list.
func (d *document) object(c *cursor) outcome {
	start := *c
	c.skip()
	switch start.peek() {
	case '{':
	case '[':
		return d.items(start)
	case 'n':
		return blank
	default:
		d.fail(start.line, start.column, "not a Kubernetes object: a single value, not a map with apiVersion, kind and metadata")
		return stranger
	}
	h := d.head(start)
	if strings.HasSuffix(h.Kind, "List") && h.Name == "" && h.items.data != nil && h.items.peek() == '[' {
		d.items(h.items)
		return other
	}
	if message := h.fault(); message != "" {
		d.fail(start.line, start.column, "not a Kubernetes object: "+message)
		if message == nameMissing && !known(h.ID) {
			d.errs[len(d.errs)-1].(*ReadError).foreign = true
		}
		if !h.hasVersion && !h.hasKind {
			return stranger
		}
		return other
	}
	json := c.data[start.i:c.i]
	places := start.places[:len(start.places)-len(c.places)]
	own := append(append(make([]byte, 0, len(json)+len(places)), json...), places...)
	d.objects = append(d.objects, &Object{
		ID: h.ID, JSON: own[:len(json):len(json)],
		file: d.file, line: start.line, column: start.column, places: own[len(json):],
	})
	return other
}

// items makes objects of the items of a list.
func (d *document) items(c cursor) outcome {
	first := blank
	for more := c.open(); more; more = c.more() {
		c.place()
		switch c.peek() {
		case '[':
			d.fail(c.line, c.column, "not a Kubernetes object: a list in a list")
			c.skip()
		case 'n':
			d.fail(c.line, c.column, "not a Kubernetes object: null")
			c.skip()
		default:
			if result := d.object(&c); first == blank {
				first = result
			}
		}
	}
	return first
}

// A head is what tells an object.
type head struct {
	ID
	generated                        bool
	hasVersion, hasKind, hasMetadata bool
	wrong                            string
	items                            cursor
}

// head reads what tells an object; it stops as soon as that is known.
func (d *document) head(c cursor) head {
	var h head
	for more := c.open(); more; more = c.more() {
		switch key := c.key(); {
		case is(key, "apiVersion"):
			h.APIVersion, h.hasVersion = d.name(&h, "apiVersion", c.value()), true
		case is(key, "kind"):
			h.Kind, h.hasKind = d.name(&h, "kind", c.value()), true
		case is(key, "metadata"):
			h.hasMetadata = true
			if c.peek() == '{' {
				d.metadata(&h, &c)
				break
			}
			if c.peek() != 'n' {
				h.wrong = "metadata is not a map"
			}
			c.skip()
		case is(key, "items"):
			h.items = c
			c.skip()
		default:
			c.skip()
		}
		if h.hasVersion && h.hasKind && h.hasMetadata && !strings.HasSuffix(h.Kind, "List") {
			break
		}
	}
	return h
}

func (d *document) metadata(h *head, c *cursor) {
	for more := c.open(); more; more = c.more() {
		switch key := c.key(); {
		case is(key, "name"):
			h.Name = d.name(h, "metadata.name", c.value())
		case is(key, "namespace"):
			h.Namespace = d.name(h, "metadata.namespace", c.value())
		case is(key, "generateName"):
			h.generated = d.name(h, "metadata.generateName", c.value()) != ""
		default:
			c.skip()
		}
	}
}

// name is the text of a field that tells an object. The same few texts come again and again.
func (d *document) name(h *head, field string, value []byte) string {
	if string(value) == "null" {
		return ""
	}
	if value[0] != '"' {
		h.wrong = field + " is " + brief(value) + ", which is no text: put it in quotes"
		return ""
	}
	if field == "metadata.name" {
		text, _ := unquote(value)
		return text
	}
	if text, known := d.names[string(value)]; known {
		return text
	}
	text, _ := unquote(value)
	if d.names == nil || len(d.names) > 10000 {
		d.names = map[string]string{}
	}
	d.names[string(value)] = text
	return text
}

// brief is a JSON value, cut where it is long.
func brief(value []byte) string {
	if value[0] == '{' {
		return "a map"
	}
	if value[0] == '[' {
		return "a list"
	}
	return string(value)
}

// known tells the kinds that are decoded here, in whatever version.
func known(id ID) bool {
	group, _ := groupVersion(id.APIVersion)
	_, is := forms[group+"/"+id.Kind]
	return is
}

const nameMissing = "metadata.name is missing"

// fault is what a head lacks, or "".
func (h *head) fault() string {
	switch {
	case h.wrong != "":
		return h.wrong
	case h.APIVersion == "":
		return "apiVersion is missing"
	case h.Kind == "":
		return "kind is missing"
	case h.Name == "" && !h.generated:
		return nameMissing
	}
	return ""
}
