package edit

import "bytes"

// spaces goes over spaces, line ends and comments.
func (l *layout) spaces() {
	for l.i < len(l.text) {
		switch {
		case l.peek() == '#' && l.i > 0 && gap(l.text[l.i-1]):
			l.i = l.lineEnd(l.i)
		case gap(l.peek()):
			l.i++
		default:
			return
		}
	}
	l.lose("a bracket that is not closed")
}

func (l *layout) flow(n *node) {
	if l.depth++; l.depth > 200 {
		l.lose("it is nested too deep")
	}
	defer func() { l.depth-- }()
	n.shape, n.isList = flow, l.text[l.i] == '['
	end := byte('}')
	if n.isList {
		end = ']'
	}
	l.i++
	for l.spaces(); l.peek() != end; l.spaces() {
		e := entry{start: l.i, after: l.i}
		if n.isList {
			e.value = l.flowValue(end)
			if l.spaces(); l.peek() == ':' {
				l.lose("a map without brackets in a list")
			}
		} else {
			l.flowKey(&e)
			if l.spaces(); l.peek() == ':' {
				l.i++
				e.after = l.i
				l.spaces()
				e.value = l.flowValue(end)
			} else {
				e.bare, e.value = true, &node{from: e.after, start: e.after, end: e.after}
			}
		}
		if e.value.shape == absent {
			e.value.from, e.value.start, e.value.end = e.after, e.after, e.after
		}
		n.entries = append(n.entries, e)
		if l.spaces(); l.peek() == ',' {
			l.i++
		} else if l.peek() != end {
			l.lose("brackets that are not understood")
		}
	}
	l.i++
}

func (l *layout) flowKey(e *entry) {
	switch c := l.peek(); {
	case c == '"' || c == '\'':
		l.quoted()
	case bytes.IndexByte([]byte("*&!?[{"), c) >= 0:
		l.lose("a key that is no plain text")
	default:
		l.flowPlain()
	}
	if l.i == e.start {
		l.lose("an empty key")
	}
	e.after = l.i
	e.key = l.keyText(e.start, l.i)
}

func (l *layout) flowValue(end byte) *node {
	n := &node{from: -1}
	after := l.i
	l.properties(n, &after)
	l.spaces()
	n.start, n.shape = l.i, scalar
	switch c := l.peek(); {
	case c == ',' || c == end:
		n.shape = absent
		if n.from >= 0 {
			l.lose("an anchor or a tag of nothing")
		}
	case c == '[' || c == '{':
		l.flow(n)
	case c == '*':
		l.name(n)
	case c == '"' || c == '\'':
		l.quoted()
	default:
		l.flowPlain()
	}
	n.end = l.i
	if n.from < 0 {
		n.from = n.start
	}
	return n
}

// flowPlain goes over a plain scalar, which may go on in other lines.
func (l *layout) flowPlain() {
	end := l.i
	for ; l.i < len(l.text); l.i++ {
		c := l.text[l.i]
		if bytes.IndexByte([]byte(",[]{}"), c) >= 0 || c == '#' && gap(l.text[l.i-1]) {
			break
		}
		if next := l.at(l.i + 1); c == ':' && (gap(next) || bytes.IndexByte([]byte(",[]{}"), next) >= 0) {
			break
		}
		if !gap(c) {
			end = l.i + 1
		}
	}
	l.i = end
}
