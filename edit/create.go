package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// placeNew finds out what it means to write an object that is not there yet.
func (p *Plan) placeNew(e validate.Edit) (placement, error) {
	refuse := func(reason string) (placement, error) { return placement{}, &Refusal{Edit: e, Reason: reason} }
	if found := p.objects[e.Object]; len(found) > 0 {
		return refuse(fmt.Sprintf("there is such an object already, at %s", found[0].At("")))
	}
	neighbour, err := p.object(*e.Beside)
	if err != nil {
		return refuse(err.Error())
	}
	f, err := p.file(neighbour.At("").File)
	if err != nil {
		return refuse(err.Error())
	}
	v, err := valueOf(e.Value)
	if err != nil {
		return refuse(err.Error())
	}
	o := &order{edit: e, value: v}
	if _, err := f.document(o); err != nil {
		return refuse(err.Error())
	}
	return placement{file: f, order: o}, nil
}

// takeNew notes an order for a new object, unless another one wants it otherwise.
func (f *file) takeNew(o *order) error {
	for _, other := range f.created {
		if other.edit.Object == o.edit.Object && !other.value.equal(o.value) {
			return &Refusal{Edit: o.edit, Reason: "another fix writes this object too: run again after that one"}
		}
	}
	f.created = append(f.created, o)
	return nil
}

// document is the text of a new document at the end of the file.
func (f *file) document(o *order) ([]byte, error) {
	if f.isJSON() {
		return nil, errors.New("the file is JSON, and another object needs a list around both")
	}
	s := style{eol: "\n", indent: 2, gap: 2, quote: '"'}
	if bytes.Contains(f.before, []byte("\r\n")) {
		s.eol = "\r\n"
	}
	text := []byte("---" + s.eol + strings.Join(s.lines(o.value, 0), s.eol) + s.eol)
	d, err := readDocument(text)
	if err != nil {
		return nil, err
	}
	want := bundle.ID{Kind: o.edit.Object.Kind, Namespace: o.edit.Object.Namespace, Name: o.edit.Object.Name}
	if len(d.trees) != 1 || !d.trees[0].equal(o.value) || d.objects[0].ID.Kind != want.Kind || d.objects[0].Name != want.Name || d.objects[0].Namespace != want.Namespace {
		return nil, errUnclear
	}
	return text, nil
}

func (f *file) isJSON() bool {
	text := bytes.TrimLeft(f.before, " \t\r\n"+byteOrderMark)
	return bytes.HasPrefix(text, []byte{'{'}) || bytes.HasPrefix(text, []byte{'['})
}

// additions are the documents of all new objects, each once.
func (f *file) additions() ([][]byte, error) {
	var all [][]byte
	var done []validate.Object
	for _, o := range f.created {
		if slices.Contains(done, o.edit.Object) {
			continue
		}
		done = append(done, o.edit.Object)
		text, err := f.document(o)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// closed is the last document before more is added: with a line break at its end, if that changes nothing of what it says.
func closed(text []byte) ([]byte, error) {
	if len(text) == 0 || text[len(text)-1] == '\n' {
		return text, nil
	}
	ended := append(slices.Clone(text), '\n')
	was, err := readDocument(text)
	if err != nil {
		return nil, err
	}
	return ended, was.check(ended, was.trees)
}
