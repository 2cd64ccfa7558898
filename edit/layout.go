package edit

import (
	"bytes"
	"fmt"
)

// A shape is what a node looks like in the text.
type shape byte

const (
	absent shape = iota // nothing is written, which is null
	scalar
	alias
	block // a map or list of lines
	flow  // a map or list in brackets
)

// A node is a value as it stands in the text of a document.
type node struct {
	shape  shape
	isList bool
	// from is where the node begins with its anchor and tag, start where it does without; end is after it. What is
	// absent begins and ends where it could stand.
	from, start, end int
	// column is that of the keys or dashes of a block.
	column   int
	anchored bool
	entries  []entry
}

// An entry is one of a map or list.
type entry struct {
	start int // of its key or dash, or of the item of a flow list
	key   string
	// after is what follows the colon or dash; bare says that there is none.
	after int
	bare  bool
	value *node
}

// end is where an entry ends, spaces and comments aside.
func (e *entry) end() int { return max(e.after, e.value.end) }

// A layout finds out how a document that is known to be good stands in its text. Where it loses its way, it says so, and
// nothing is edited; what it takes wrongly is found when the outcome is read again.
type layout struct {
	text  []byte
	i     int
	depth int
	// aliases is whether there are any.
	aliases bool
}

// A lost is a part of the text that a layout does not understand.
type lost struct{ reason string }

func (l *layout) lose(format string, args ...any) { panic(lost{fmt.Sprintf(format, args...)}) }

// read lays out a document.
func (l *layout) read() (root *node, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case lost:
			err = fmt.Errorf("line %d is written in a way that is not edited: %s", 1+bytes.Count(l.text[:min(l.i, len(l.text))], []byte{'\n'}), r.reason)
		default:
			panic(r)
		}
	}()
	for root == nil {
		column := l.next()
		switch {
		case column == 0 && l.peek() == '%':
			l.i = l.lineEnd(l.i)
		case column >= 0:
			root = l.value(-1, false)
		case l.peek() == '-':
			l.i += 3
			root = l.value(-1, false)
		default:
			l.lose("it holds nothing")
		}
	}
	if l.next() >= 0 {
		l.lose("it holds more than one value")
	}
	return root, nil
}

// mark says whether a line --- or ... begins here.
func mark(text []byte) bool {
	return (bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))) && (len(text) == 3 || bytes.IndexByte([]byte(" \t\r\n"), text[3]) >= 0)
}

func (l *layout) lineStart(i int) int { return bytes.LastIndexByte(l.text[:i], '\n') + 1 }

// lineEnd is where the line of i ends, before its break.
func (l *layout) lineEnd(i int) int { return lineEnd(l.text, i) }

func lineEnd(text []byte, i int) int {
	n := bytes.IndexByte(text[i:], '\n')
	switch {
	case n < 0:
		return len(text)
	case i+n > 0 && text[i+n-1] == '\r' && n > 0:
		return i + n - 1
	}
	return i + n
}

func (l *layout) peek() byte { return l.at(l.i) }

// at is the byte there, or a line's end after the text.
func (l *layout) at(i int) byte {
	if i < len(l.text) {
		return l.text[i]
	}
	return '\n'
}

func space(c byte) bool { return c == ' ' || c == '\t' }
func gap(c byte) bool   { return space(c) || c == '\n' || c == '\r' }

func (l *layout) blanks() {
	for space(l.peek()) {
		l.i++
	}
}

// over says whether nothing but a comment is left of the line.
func (l *layout) over() bool {
	c := l.peek()
	return c == '\n' || c == '\r' || c == '#' && (l.i == 0 || gap(l.text[l.i-1]))
}

// next goes over blank lines and comments to what comes next, and returns its column, or -1 at the document's end.
func (l *layout) next() int {
	for l.i < len(l.text) {
		l.blanks()
		if !l.over() {
			start := l.lineStart(l.i)
			if l.i == start && mark(l.text[l.i:]) {
				return -1
			}
			return l.i - start
		}
		if n := bytes.IndexByte(l.text[l.i:], '\n'); n >= 0 {
			l.i += n + 1
		} else {
			l.i = len(l.text)
		}
	}
	return -1
}

// value reads what follows a colon or dash, in its line or below.
func (l *layout) value(parent int, item bool) *node {
	if l.depth++; l.depth > 200 {
		l.lose("it is nested too deep")
	}
	defer func() { l.depth-- }()
	n := &node{from: -1}
	after := l.i
	l.properties(n, &after)
	if l.over() {
		column := l.next()
		switch {
		case column > parent:
			l.properties(n, &after)
			if l.over() {
				l.next()
			}
		case column == parent && !item && l.dash():
		default:
			n.start, n.end = after, after
			if n.from < 0 {
				n.from = after
			}
			return n
		}
	}
	l.node(n, parent)
	if n.from < 0 {
		n.from = n.start
	} else if n.shape == block && !bytes.Contains(l.text[n.from:n.start], []byte{'\n'}) {
		l.lose("an anchor or a tag before a key")
	}
	return n
}

// properties goes over an anchor and a tag.
func (l *layout) properties(n *node, after *int) {
	for l.blanks(); l.peek() == '&' || l.peek() == '!'; l.blanks() {
		if n.from < 0 {
			n.from = l.i
		}
		n.anchored = n.anchored || l.peek() == '&'
		for !gap(l.peek()) && bytes.IndexByte([]byte(",[]{}"), l.peek()) < 0 {
			l.i++
		}
		*after = l.i
	}
}

func (l *layout) dash() bool { return l.peek() == '-' && gap(l.at(l.i+1)) }

// node reads the node that begins here.
func (l *layout) node(n *node, parent int) {
	n.start, n.shape = l.i, scalar
	switch c := l.peek(); {
	case l.dash():
		l.list(n)
		return
	case c == '?' && gap(l.at(l.i+1)):
		l.lose("a key after a question mark")
	case c == '|' || c == '>':
		l.blockScalar(parent)
	case c == '[' || c == '{':
		l.flow(n)
	case c == '*':
		l.name(n)
	case c == '"' || c == '\'':
		l.quoted()
		n.end = l.i
		if l.colon() {
			l.i = n.start
			l.mapping(n)
			return
		}
		l.i = n.end
	default:
		if l.plainLine(); l.peek() == ':' {
			l.i = n.start
			l.mapping(n)
			return
		}
		l.plain(parent)
	}
	n.end = l.i
	if l.colon() {
		l.lose("a key that is no text")
	}
	l.i = n.end
}

// name reads an alias.
func (l *layout) name(n *node) {
	n.shape, l.aliases = alias, true
	for !gap(l.peek()) && bytes.IndexByte([]byte(",[]{}"), l.peek()) < 0 {
		l.i++
	}
}

// colon goes over the colon that makes a key of what was before it, if it is there.
func (l *layout) colon() bool {
	l.blanks()
	return l.peek() == ':' && gap(l.at(l.i+1))
}

func (l *layout) mapping(n *node) {
	n.shape, n.column = block, l.i-l.lineStart(l.i)
	for {
		e := entry{start: l.i}
		switch c := l.peek(); {
		case c == '"' || c == '\'':
			l.quoted()
		case c == '*' || c == '&' || c == '!' || c == '?' && gap(l.at(l.i+1)):
			l.lose("a key with an anchor, a tag or a question mark")
		default:
			l.plainLine()
		}
		e.key = l.keyText(e.start, l.i)
		if !l.colon() {
			l.lose("a line without a key")
		}
		l.i++
		e.after = l.i
		e.value = l.value(n.column, false)
		n.entries = append(n.entries, e)
		n.end = e.end()
		if l.next() != n.column || l.dash() {
			return
		}
	}
}

func (l *layout) list(n *node) {
	n.shape, n.isList, n.column = block, true, l.i-l.lineStart(l.i)
	for {
		e := entry{start: l.i}
		l.i++
		e.after = l.i
		e.value = l.value(n.column, true)
		n.entries = append(n.entries, e)
		n.end = e.end()
		if l.next() != n.column || !l.dash() {
			return
		}
	}
}
