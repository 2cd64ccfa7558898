package edit

import (
	"bytes"
	"errors"
	"strings"
)

// replace writes a value in the place of one.
func (p *page) replace(in *node, i int, v *value) ([]splice, error) {
	e := &in.entries[i]
	n := e.value
	if err := p.clear(n); err != nil {
		return nil, err
	}
	if n.from != n.start && n.shape == block {
		return nil, errors.New("there is a tag in the way")
	}
	if in.shape == flow {
		return p.replaceInFlow(in, e, v), nil
	}
	if p.style.inline(v) {
		return p.replaceByLine(e, v), nil
	}
	if n.shape == block {
		return p.replaceBlock(in, e, v), nil
	}
	if n.shape != absent && bytes.IndexByte(p.text[e.after:n.start], '\n') >= 0 {
		// The value has a line of its own below the key.
		head, rest := p.parts(in, v, column(p.text, n.start))
		if head == "" {
			head, rest = strings.TrimLeft(rest[0], " "), rest[1:]
		}
		return []splice{{n.from, n.end, head}, p.below(n.end, rest)}, nil
	}
	head, rest := p.parts(in, v, 0)
	if head != "" {
		head = " " + head
	}
	return []splice{{e.after, n.end, head}, p.below(n.end, rest)}, nil
}

// parts are what stands after the colon or dash for a value that takes several lines, and the lines below, at a column
// or, where that is 0, one step in.
func (p *page) parts(in *node, v *value, at int) (head string, rest []string) {
	if at == 0 {
		switch {
		case in.isList:
			at = in.column + 2
		case v.kind == list:
			at = in.column + p.style.dash
		default:
			at = in.column + p.style.indent
		}
	}
	if v.kind == text {
		return p.style.literal(v.text, at)
	}
	rest = p.style.lines(v, at)
	if in.isList {
		return strings.TrimLeft(rest[0], " "), rest[1:]
	}
	return "", rest
}

// below puts lines under the line of an offset.
func (p *page) below(i int, lines []string) splice {
	s := splice{start: lineEnd(p.text, i)}
	s.end = s.start
	for _, line := range lines {
		s.text += p.style.eol + line
	}
	return s
}

func (p *page) replaceByLine(e *entry, v *value) []splice {
	n := e.value
	switch {
	case n.shape == absent:
		return []splice{{e.after, n.end, " " + p.style.scalar(v, p.style.quote)}}
	case n.shape == block && bytes.IndexByte(p.text[e.after:n.start], '\n') >= 0:
		return []splice{{e.after, e.after, " " + p.style.scalar(v, p.style.quote)}, wholeLines(p.text, n.start, n.end)}
	}
	return []splice{{n.from, n.end, p.like(n, v)}}
}

// like writes a scalar in the quotes of another.
func (p *page) like(n *node, v *value) string {
	if quote := p.text[n.start]; v.kind == text && n.shape == scalar && (quote == '"' || quote == '\'') {
		return p.style.quoted(v.text, quote)
	}
	return p.style.scalar(v, p.style.quote)
}

// replaceBlock writes a value of several lines in the place of a block, which is of another kind.
func (p *page) replaceBlock(in *node, e *entry, v *value) []splice {
	n := e.value
	if v.kind == text {
		head, rest := p.parts(in, v, 0)
		cut := wholeLines(p.text, n.start, n.end)
		if bytes.IndexByte(p.text[e.after:n.start], '\n') < 0 {
			cut = splice{start: e.after, end: lineEnd(p.text, n.end)}
			cut.text = " " + head + p.style.eol + strings.Join(rest, p.style.eol)
			return []splice{cut}
		}
		return []splice{{e.after, e.after, " " + head}, p.below(e.after, rest), cut}
	}
	at := n.column
	if at <= in.column && (in.isList || v.kind != list) {
		at = in.column + p.style.indent
	}
	lines := p.style.lines(v, at)
	lines[0] = spaces(at-n.column) + strings.TrimLeft(lines[0], " ")
	return []splice{{n.start, lineEnd(p.text, n.end), strings.Join(lines, p.style.eol)}}
}

func (p *page) replaceInFlow(in *node, e *entry, v *value) []splice {
	h := p.hand(in)
	n := e.value
	switch {
	case e.bare:
		return []splice{{e.after, e.after, h.colon + h.flow(v)}}
	case n.shape == absent:
		return []splice{{e.after, e.after, " " + h.flow(v)}}
	case v.kind == text && n.shape == scalar && p.text[n.start] == '\'':
		return []splice{{n.from, n.end, h.quoted(v.text, '\'')}}
	case v.kind == text && n.shape == scalar && p.text[n.start] == '"':
		return []splice{{n.from, n.end, h.quoted(v.text, '"')}}
	}
	h.wide = h.wide && first(p.text, e.start)
	return []splice{{n.from, n.end, h.value(v, p.lineIndent(n.start))}}
}

// value writes a value in the hand of brackets whose line is indented.
func (h *hand) value(v *value, indent int) string {
	if h.json && h.wide {
		return h.tall(v, indent)
	}
	return h.flow(v)
}

// lineIndent is how far the line of an offset is indented.
func (p *page) lineIndent(i int) int {
	line := p.text[i-column(p.text, i) : i]
	return len(line) - len(bytes.TrimLeft(line, " "))
}

// hand is how the brackets of a map or list, and what they hold, are written.
func (p *page) hand(in *node) *hand {
	h := &hand{style: p.style, colon: ": ", comma: ", "}
	sample := in
	if (in.isList || len(in.entries) == 0) && p.style.json {
		sample = p.root
	}
	if !sample.isList && len(sample.entries) > 0 {
		h.json = h.json || p.text[sample.entries[0].start] == '"'
		if e := sample.entries[0]; h.json && !e.bare && e.value.start == e.after {
			h.colon, h.comma = ":", ","
		}
	}
	if len(sample.entries) > 1 {
		if between := p.text[sample.entries[0].end():sample.entries[1].start]; onlySpace(bytes.Trim(between, ",")) && bytes.IndexByte(between, '\n') < 0 {
			h.comma = string(between)
		}
	}
	h.wide = h.wide && h.colon != ":"
	return h
}
