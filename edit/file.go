package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/meshscenario/scenario/bundle"
)

const byteOrderMark = "\ufeff"

// A file is one whose documents are edited.
type file struct {
	name   string
	before []byte
	mark   string // a byte order mark, or nothing
	parts  []*part
	// created are orders for new objects.
	created []*order
	drawn   []*node // the layouts of all documents, once they were asked for
}

// A part is a document of a file.
type part struct {
	line int // the first
	text []byte
	now  []byte
	*document
}

func newFile(name string, text []byte) (*file, error) {
	f := &file{name: name, before: text}
	rest, marked := bytes.CutPrefix(text, []byte(byteOrderMark))
	if marked {
		f.mark = byteOrderMark
	}
	for i := 0; i < len(rest); {
		r, size := utf8.DecodeRune(rest[i:])
		if r == '\u0085' || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\r' && !bytes.HasPrefix(rest[i:], []byte("\r\n")) {
			return nil, fmt.Errorf("the file has line breaks or marks (%U) that not all programs see", r)
		}
		i += size
	}
	start, line := 0, 1
	for _, end := range bundle.Documents(rest) {
		text := rest[start:end]
		f.parts = append(f.parts, &part{line: line, text: text, now: text})
		line += bytes.Count(text, []byte{'\n'})
		start = end
	}
	return f, nil
}

// find is the document of an object that was read from the file, and its number there.
func (f *file) find(o *bundle.Object) (p *part, number int, err error) {
	at := o.At("")
	i, exact := slices.BinarySearchFunc(f.parts, at.Line, func(p *part, line int) int { return p.line - line })
	if !exact {
		i--
	}
	// A document that ends within a line is followed by one that begins there.
	for ; i >= 0 && i < len(f.parts); i-- {
		p := f.parts[i]
		if p.document == nil {
			if p.document, err = readDocument(p.text); err != nil {
				break
			}
		}
		for number, now := range p.objects {
			place := now.At("")
			if place.Line+p.line-1 == at.Line && place.Column == at.Column && now.ID == o.ID && bytes.Equal(now.JSON, o.JSON) {
				return p, number, nil
			}
		}
		if p.line < at.Line {
			break
		}
	}
	return nil, 0, errChanged
}

var errChanged = errors.New("the file has changed since it was read")

// layouts shows the documents of the file, one after the other, until it was enough.
func (f *file) layouts(look func(*node) bool) {
	if f.drawn == nil {
		f.drawn = []*node{}
		for _, p := range f.parts {
			l := layout{text: p.text}
			if root, err := l.read(); err == nil {
				f.drawn = append(f.drawn, root)
			}
		}
	}
	for _, root := range f.drawn {
		if look(root) {
			return
		}
	}
}

// after is the text of the file with all edits. It falls into the same documents as before, or there is an error.
func (f *file) after() ([]byte, error) {
	var out bytes.Buffer
	var ends []int
	added, err := f.additions()
	if err != nil {
		return nil, err
	}
	out.WriteString(f.mark)
	for i, p := range f.parts {
		text := p.now
		if i == len(f.parts)-1 && len(added) > 0 {
			if text, err = closed(text); err != nil {
				return nil, fmt.Errorf("%s: %w", f.name, err)
			}
		}
		out.Write(text)
		ends = append(ends, out.Len())
	}
	for _, text := range added {
		out.Write(text)
		ends = append(ends, out.Len())
	}
	if text := out.Bytes(); slices.Equal(bundle.Documents(text), ends) {
		return text, nil
	}
	return nil, fmt.Errorf("%s: %w: the documents would run into each other", f.name, errUnclear)
}
