package edit

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// keyText is the text of a key that stands between two offsets; one that is no text is as it is written.
func (l *layout) keyText(start, end int) string {
	raw := l.text[start:end]
	if raw[0] != '"' && raw[0] != '\'' {
		return string(bytes.TrimRight(raw, " \t"))
	}
	var key string
	if yaml.Unmarshal(raw, &key) != nil {
		l.lose("a key with odd escapes")
	}
	return key
}

// quoted goes over a quoted scalar, however many lines it has.
func (l *layout) quoted() {
	quote := l.text[l.i]
	for l.i++; l.i < len(l.text); l.i++ {
		switch c := l.text[l.i]; {
		case c == '\\' && quote == '"':
			l.i++
		case c == quote && quote == '\'' && l.at(l.i+1) == '\'':
			l.i++
		case c == quote:
			l.i++
			return
		}
	}
	l.lose("a quote that is not closed")
}

// plainLine goes over a plain scalar in its line, up to the colon that makes it a key.
func (l *layout) plainLine() {
	end := l.i
	for ; ; l.i++ {
		c := l.peek()
		if c == '\n' || c == '\r' || c == '#' && l.i > 0 && gap(l.text[l.i-1]) {
			l.i = end
			return
		}
		if c == ':' && gap(l.at(l.i+1)) {
			return
		}
		if !space(c) {
			end = l.i + 1
		}
	}
}

// plain goes over the lines in which a plain scalar goes on.
func (l *layout) plain(parent int) {
	for {
		end := l.i
		if l.blanks(); l.peek() == '#' {
			l.i = end
			return
		}
		// Lines that hold nothing may come between, comments may not.
		for l.i < len(l.text) && gap(l.text[l.i]) {
			l.i++
		}
		start := l.lineStart(l.i)
		if l.i == len(l.text) || l.peek() == '#' || l.i-start <= parent || l.i == start && mark(l.text[l.i:]) {
			l.i = end
			return
		}
		if l.plainLine(); l.peek() == ':' {
			l.lose("a key where a text goes on")
		}
	}
}

// blockScalar goes over a literal or folded scalar: to the end of its last line, or, where it keeps the empty lines
// after it, to the end of those.
func (l *layout) blockScalar(parent int) {
	keep, indent := false, -1
	for l.i++; !gap(l.peek()); l.i++ {
		switch c := l.peek(); {
		case c == '+':
			keep = true
		case c >= '1' && c <= '9':
			indent = parent + int(c-'0')
		}
	}
	if parent < 0 {
		l.lose("a text that is not part of an object")
	}
	end := l.i
	for i := l.lineEnd(l.i); i < len(l.text); i = l.lineEnd(i) {
		i += bytes.IndexByte(l.text[i:], '\n') + 1
		first := i
		for l.at(i) == ' ' {
			i++
		}
		last := l.lineEnd(i)
		if i == last && (indent < 0 || i-first <= indent) { // an empty line
			if keep {
				end = last
			}
			continue
		}
		if i-first <= parent || i-first < indent {
			break
		}
		if indent < 0 {
			indent = i - first
		}
		end = last
	}
	l.i = end
}
