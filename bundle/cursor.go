package bundle

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
)

// A cursor walks an object's JSON and the places of its entries side by side: the table has one place for every map
// entry and list item, in the order of the text. The JSON is known to be well-formed.
type cursor struct {
	data   []byte
	i      int
	places []byte
	// line and column are the place of the entry that was passed last.
	line, column int
	literal      bool // its value is a literal of YAML, which begins on the next line
}

// space passes over white space, of which objects that were read have none.
func (c *cursor) space() {
	for c.i < len(c.data) && c.data[c.i] <= ' ' {
		c.i++
	}
}

// peek is the next character that is not white space, or 0 at the end.
func (c *cursor) peek() byte {
	c.space()
	if c.i >= len(c.data) {
		return 0
	}
	return c.data[c.i]
}

// place takes the next place from the table.
func (c *cursor) place() {
	lines, n := binary.Varint(c.places)
	if n <= 0 {
		return
	}
	column, m := binary.Uvarint(c.places[n:])
	c.line, c.column, c.literal = c.line+int(lines), int(column>>1), column&1 != 0
	c.places = c.places[n+m:]
}

// text passes over a string and returns it, quotes included.
func (c *cursor) text() []byte {
	start := c.i
	for c.i++; c.i < len(c.data); c.i++ {
		switch c.data[c.i] {
		case '\\':
			c.i++
		case '"':
			c.i++
			return c.data[start:c.i]
		}
	}
	return c.data[start:]
}

// key passes over the key of an entry, its place and its colon.
func (c *cursor) key() []byte {
	c.place()
	key := c.text()
	c.space()
	c.i++
	c.space()
	return key
}

// open goes into a map or list; more is false where it is empty, and then passed.
func (c *cursor) open() (more bool) {
	c.i++
	if next := c.peek(); next == '}' || next == ']' || next == 0 {
		c.i++
		return false
	}
	return true
}

// more goes on to the next entry of a map or list, or passes its end.
func (c *cursor) more() bool {
	next := c.peek()
	c.i++
	c.space()
	return next == ','
}

// skip passes over a value and the places of all that it holds.
func (c *cursor) skip() {
	switch c.peek() {
	case '"':
		c.text()
	case '{':
		for more := c.open(); more; more = c.more() {
			c.key()
			c.skip()
		}
	case '[':
		for more := c.open(); more; more = c.more() {
			c.place()
			c.skip()
		}
	default:
		for c.i < len(c.data) && c.data[c.i] != ',' && c.data[c.i] != '}' && c.data[c.i] != ']' && c.data[c.i] > ' ' {
			c.i++
		}
	}
}

// value passes over a value and returns it.
func (c *cursor) value() []byte {
	c.space()
	start := c.i
	c.skip()
	return c.data[start:min(c.i, len(c.data))]
}

// enter goes to the value of a key of a map, or to an item of a list where the index is not negative.
func (c *cursor) enter(key string, index int) bool {
	switch {
	case c.peek() == '{' && index < 0:
		for more := c.open(); more; more = c.more() {
			if is(c.key(), key) {
				return true
			}
			c.skip()
		}
	case c.peek() == '[' && index >= 0:
		for more := c.open(); more; more = c.more() {
			c.place()
			if index--; index < 0 {
				return true
			}
			c.skip()
		}
	}
	return false
}

// is says whether a JSON string, given with its quotes, is a text.
func is(quoted []byte, text string) bool {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return len(quoted) == len(text)+2 && string(quoted[1:len(quoted)-1]) == text
	}
	s, ok := unquote(quoted)
	return ok && s == text
}

// unquote is the text of a JSON string; ok is false where the value is something else.
func unquote(quoted []byte) (text string, ok bool) {
	if len(quoted) < 2 || quoted[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), true
	}
	return text, json.Unmarshal(quoted, &text) == nil
}
