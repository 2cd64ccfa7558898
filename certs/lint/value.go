package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A value is one value of a JSON text, and where it is written.
type value struct {
	field        string // its path
	line, column int    // of its key, of list items its own
	token        any    // as json.Token has it: '{', '[', string, json.Number, bool or nil
	raw          json.RawMessage
	offset       int      // of raw in the text
	entries      []*entry // of an object
	items        []*value // of a list

	bad   bool            // of another type than cfssl reads: told already
	meant map[string]bool // fields that are probably what unknown ones were to be
}

// An entry is a key and its value. Its name is the key, as cfssl knows it.
type entry struct {
	name  string
	value *value
}

// A reader reads a text with the standard library's decoder, and keeps count of where it is.
type reader struct {
	*json.Decoder
	text []byte
}

func parse(name string, text []byte) (*value, error) {
	var any json.RawMessage
	if err := json.Unmarshal(text, &any); err != nil {
		at := len(text)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && syntax.Offset > 0 && int(syntax.Offset) <= len(text) && !strings.Contains(err.Error(), "unexpected end") {
			at = int(syntax.Offset) - 1
		}
		line, column := place(text, at)
		return nil, fmt.Errorf("%s:%d:%d: not JSON: %w", name, line, column, err)
	}
	r := &reader{json.NewDecoder(bytes.NewReader(text)), text}
	r.UseNumber()
	return r.value("")
}

// place counts from 1, columns in characters.
func place(text []byte, offset int) (line, column int) {
	before := text[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// next is where the next token begins.
func (r *reader) next() int {
	i := int(r.InputOffset())
	for i < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[i]) >= 0 {
		i++
	}
	return i
}

func (r *reader) value(field string) (*value, error) {
	v := &value{field: field, offset: r.next()}
	v.line, v.column = place(r.text, v.offset)
	token, err := r.Token()
	if err != nil && err != io.EOF {
		return nil, err
	}
	if d, ok := token.(json.Delim); ok {
		token = byte(d)
	}
	v.token = token
	switch token {
	case byte('{'):
		err = r.object(v)
	case byte('['):
		err = r.list(v)
	}
	v.raw = r.text[v.offset:r.InputOffset()]
	return v, err
}

func (r *reader) object(v *value) error {
	for r.More() {
		at := r.next()
		key, err := r.Token()
		if err != nil {
			return err
		}
		name := key.(string)
		x, err := r.value(join(v.field, name))
		if err != nil {
			return err
		}
		x.line, x.column = place(r.text, at)
		v.entries = append(v.entries, &entry{name, x})
	}
	_, err := r.Token()
	return err
}

func (r *reader) list(v *value) error {
	for r.More() {
		x, err := r.value(fmt.Sprintf("%s[%d]", v.field, len(v.items)))
		if err != nil {
			return err
		}
		v.items = append(v.items, x)
	}
	_, err := r.Token()
	return err
}

// join adds a key to a path, as bundle.Object.At reads it.
func join(field, key string) string {
	if key == "" || strings.ContainsAny(key, ".[]\"") {
		return field + "[" + strconv.Quote(key) + "]"
	}
	return strings.TrimPrefix(field+"."+key, ".")
}
