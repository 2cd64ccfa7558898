package bundle

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// A Position is a place in a file, or the name of another source. Line and Column count from 1, columns in characters; a zero Line is not known.
type Position struct {
	File         string
	Line, Column int
}

// String writes the position as compilers do, "bundle.yaml:41:7", as far as it is known.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A ReadError is something that keeps a document from being read.
type ReadError struct {
	Position
	Message string

	foreign bool // it may be meant for another program than the API server
}

func (e *ReadError) Error() string { return e.Position.String() + ": " + e.Message }

// At is the place where a field is written, such as spec.http[0].route[1].destination.host or, where a key holds dots
// or brackets, metadata.annotations["a.b/c"]: of a map entry its key, of a list item its first character. Of a field
// that is not written it is the place of the nearest parent that is, at last of the object itself, which is also the
// place of "". An object that was not read has no place, and one of a cluster ([Live]) only the name of its source.
func (o *Object) At(field string) Position {
	if o.line == 0 {
		return Position{File: o.file}
	}
	c, _ := o.find(field)
	return Position{o.file, c.line, c.column}
}

// Has says whether a field is written, named as for [Object.At]; a null is.
func (o *Object) Has(field string) bool {
	_, found := o.find(field)
	return found
}

// find walks to a field, and stops at the last of its parents that is there.
func (o *Object) find(field string) (c cursor, found bool) {
	c = cursor{data: o.JSON, places: o.places, line: o.line, column: o.column}
	for field != "" {
		key, index, rest, ok := step(field)
		if !ok {
			return c, false
		}
		next := c
		if !next.enter(key, index) {
			return c, false
		}
		c, field = next, rest
	}
	return c, true
}

// step cuts the first step off a path: a key, or an index where that is not negative.
func step(path string) (key string, index int, rest string, ok bool) {
	path = strings.TrimPrefix(path, ".")
	if !strings.HasPrefix(path, "[") {
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		return path[:end], -1, path[end:], end > 0
	}
	if quoted, err := strconv.QuotedPrefix(path[1:]); err == nil {
		key, err = strconv.Unquote(quoted)
		rest, ok = strings.CutPrefix(path[1+len(quoted):], "]")
		return key, -1, rest, ok && err == nil
	}
	number, rest, ok := strings.Cut(path[1:], "]")
	index, err := strconv.Atoi(number)
	return "", index, rest, ok && err == nil && index >= 0
}

// stepOf writes a key as a step of a path, in the way that step reads it.
func stepOf(key string) string {
	if key == "" || strings.ContainsAny(key, ".[]\"") {
		return "[" + strconv.Quote(key) + "]"
	}
	return "." + key
}

// Within is the line of the file on which a line of a text stands, counted from 1, as [Object.At] gives the field's. It is
// known of texts that are written as they are, as literals of YAML (|): their lines are lines of the file.
func (o *Object) Within(field string, line int) (p Position, ok bool) {
	c, found := o.find(field)
	if !found || !c.literal || line < 1 || o.line == 0 {
		return Position{}, false
	}
	return Position{File: o.file, Line: c.line + line}, true
}

// appendPlace adds the place of an entry to a table of places: how many lines it is from the entry before, and its
// column, doubled: what is left over says whether its value is a literal.
func appendPlace(places []byte, lines, column int) []byte {
	return binary.AppendUvarint(binary.AppendVarint(places, int64(lines)), uint64(column)<<1)
}

// setLiteral says of the last place, which begins at an offset, that its value is a literal.
func setLiteral(places []byte, at int) []byte {
	lines, n := binary.Varint(places[at:])
	column, _ := binary.Uvarint(places[at+n:])
	return binary.AppendUvarint(binary.AppendVarint(places[:at], lines), column|1)
}
