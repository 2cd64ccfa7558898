package edit

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
)

// insert writes a new entry before the entry with a number, or after the last.
func (p *page) insert(in *node, k int, c change) ([]splice, error) {
	one := &value{kind: list, items: []*value{c.value}}
	if !in.isList {
		one.kind, one.keys = mapping, []string{c.path[len(c.path)-1].Key}
	}
	if in.shape == flow {
		return p.insertInFlow(in, k, one)
	}
	s := p.style
	if in.isList {
		if e := in.entries[max(k-1, 0)]; e.value.shape != absent && bytes.IndexByte(p.text[e.after:e.value.start], '\n') < 0 {
			s.gap = e.value.from - e.start
		}
	}
	lines := s.lines(one, in.column)
	if k < len(in.entries) {
		lines[0] = strings.TrimLeft(lines[0], " ")
		at := in.entries[k].start
		return []splice{{at, at, strings.Join(lines, s.eol) + s.eol + spaces(in.column)}}, nil
	}
	return []splice{p.below(p.owned(in), lines)}, nil
}

func (p *page) insertInFlow(in *node, k int, one *value) ([]splice, error) {
	h := p.hand(in)
	item := func(indent int) string {
		text := h.value(one.items[0], indent)
		if one.kind == mapping {
			text = h.flowKey(one.keys[0]) + h.colon + text
		}
		return text
	}
	shut := in.end - 1
	if len(in.entries) == 0 {
		if !onlySpace(p.text[in.start+1 : shut]) {
			return nil, errors.New("there is a comment in the way")
		}
		indent := p.lineIndent(in.start)
		if h.wide = h.wide && alone.Match(p.text[in.start-column(p.text, in.start):in.start]); h.wide {
			inner := indent + h.indent
			return []splice{{in.start + 1, shut, h.eol + spaces(inner) + item(inner) + h.eol + spaces(indent)}}, nil
		}
		return []splice{{in.start + 1, shut, item(indent)}}, nil
	}
	if k < len(in.entries) {
		at := in.entries[k].start
		if first(p.text, at) {
			indent := string(p.text[at-column(p.text, at) : at])
			return []splice{{at, at, item(len(indent)) + "," + h.eol + indent}}, nil
		}
		h.wide = false
		return []splice{{at, at, item(0) + h.comma}}, nil
	}
	last := &in.entries[k-1]
	end := last.end()
	if !first(p.text, last.start) || last.start < in.start {
		h.wide = false
		return []splice{{end, end, h.comma + item(0)}}, nil
	}
	indent := string(p.text[last.start-column(p.text, last.start) : last.start])
	line := h.eol + indent + item(len(indent))
	comma := p.comma(end, shut)
	switch {
	case comma >= 0 && lineEnd(p.text, comma) < shut:
		return []splice{{lineEnd(p.text, comma), lineEnd(p.text, comma), line + ","}}, nil
	case comma < 0 && lineEnd(p.text, end) < shut:
		return []splice{{end, end, ","}, {lineEnd(p.text, end), lineEnd(p.text, end), line}}, nil
	}
	return []splice{{end, end, "," + line}}, nil
}

// alone is the beginning of a line in which a bracket is the first of a value.
var alone = regexp.MustCompile(`^\s*("[^"\\]*"\s*:\s*)?$`)

// owned is the end of a block with the comments after it that are indented deeper than its entries: they are about
// what the last of these holds.
func (p *page) owned(in *node) int {
	end := in.end
	for i := lineEnd(p.text, end); i < len(p.text); i = lineEnd(p.text, i) {
		i += bytes.IndexByte(p.text[i:], '\n') + 1
		start := i
		for i < len(p.text) && p.text[i] == ' ' {
			i++
		}
		switch {
		case i == lineEnd(p.text, i):
		case p.text[i] == '#' && i-start > in.column:
			end = i
		default:
			return end
		}
	}
	return end
}

// comma finds the comma between two offsets of brackets, or -1.
func (p *page) comma(start, end int) int {
	for i := start; i < end; i++ {
		switch {
		case p.text[i] == ',':
			return i
		case p.text[i] == '#' && gap(p.text[i-1]):
			i = lineEnd(p.text, i)
		}
	}
	return -1
}
