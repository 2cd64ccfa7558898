package bundle

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A survey goes through a YAML document that no reader takes, to say in plain words where it goes wrong. It follows
// quotes, brackets, block scalars and indentation, no more; a document that is right has nothing that it objects to.
type survey struct {
	text   []byte
	before int // lines before the document
	i      int
	// bol is where the line starts.
	bol     int
	levels  []level // the block maps and lists that are open
	flow    []int   // the brackets that are open
	waiting bool    // a key or dash waits for its value
	inLine  bool    // that key is in this line
	tag     int     // where the tag or anchor begins that comes before a token, or -1
	anchors map[string]bool
}

// A level is a block map or list.
type level struct {
	column int
	list   bool
}

// A surprise stops a survey, from however deep within it.
type surprise struct {
	offset  int
	message string
}

// surveyed is the first thing wrong in a document, or nil.
func surveyed(text []byte, before int) (found *fault) {
	s := survey{text: text, before: before, tag: -1, anchors: map[string]bool{}}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case surprise:
			line, column := lineColumn(text, r.offset)
			found = &fault{before + line, column, r.message}
		default:
			panic(r)
		}
	}()
	for s.line() {
	}
	if n := len(s.flow); n > 0 {
		s.stop(s.flow[n-1], "%q is never closed", text[s.flow[n-1]])
	}
	return nil
}

func (s *survey) stop(offset int, format string, args ...any) {
	panic(surprise{offset, fmt.Sprintf(format, args...)})
}

// lineOf is the number of the line of an offset.
func (s *survey) lineOf(offset int) int {
	return s.before + 1 + bytes.Count(s.text[:offset], []byte{'\n'})
}

func (s *survey) at(i int) byte {
	if i < len(s.text) {
		return s.text[i]
	}
	return '\n'
}

func gap(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// line goes through a line, and those after it that belong to the same text.
func (s *survey) line() bool {
	if s.i >= len(s.text) {
		return false
	}
	s.bol = s.i
	for s.at(s.i) == ' ' {
		s.i++
	}
	if s.at(s.i) == '\t' && len(s.flow) == 0 {
		rest := s.text[s.i:]
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			rest = rest[:end]
		}
		if len(bytes.TrimSpace(rest)) > 0 {
			s.stop(s.i, "a tab in the indentation: YAML is indented with spaces")
		}
		s.stop(s.i, "a tab in an empty line, where YAML takes only spaces")
	}
	if s.i == s.bol && (bytes.HasPrefix(s.text[s.i:], []byte("---")) || bytes.HasPrefix(s.text[s.i:], []byte("..."))) && gap(s.at(s.i+3)) {
		s.i += 3
	} else if s.at(s.i) == '%' && s.i == s.bol {
		s.endLine()
		return true
	} else if c := s.at(s.i); len(s.flow) == 0 && c != '#' && c != '\n' && c != '\r' {
		s.indent(s.i - s.bol)
	}
	s.inLine, s.tag = false, -1
	for s.token() {
	}
	return true
}

// indent holds the column where a line's content starts against the levels that are open.
func (s *survey) indent(column int) {
	dedent := false
	for n := len(s.levels); n > 0 && s.levels[n-1].column > column; n-- {
		s.levels = s.levels[:n-1]
		dedent = true
	}
	if dedent {
		s.waiting = false
	}
	n := len(s.levels)
	dash := s.at(s.i) == '-' && gap(s.at(s.i+1))
	// A list may stand in the column of its key.
	if n > 1 && s.levels[n-1].list && s.levels[n-1].column == column && !dash && !s.levels[n-2].list && s.levels[n-2].column == column {
		s.levels = s.levels[:n-1]
		n--
	}
	switch {
	case n == 0:
		if dedent {
			s.stop(s.i, "this line is indented less than the first one")
		}
	case s.levels[n-1].column == column:
		scalar := s.at(s.i) == '|' || s.at(s.i) == '>' // may stand there, after a dash
		if s.levels[n-1].list && !dash && !(s.waiting && scalar) {
			s.stop(s.i, "this stands among the items of a list but does not begin with \"- \"")
		}
		if !s.levels[n-1].list && dash && !s.waiting {
			s.stop(s.i, "a list item stands among the keys of a map")
		}
		if !dash {
			s.waiting = false
		}
	case dedent && !s.waiting:
		s.stop(s.i, "the indentation of this line fits none above it")
	case !s.waiting:
		s.stop(s.i, "this line is indented more than the one above, which has its value already")
	}
}

func (s *survey) endLine() {
	if n := bytes.IndexByte(s.text[s.i:], '\n'); n >= 0 {
		s.i += n + 1
	} else {
		s.i = len(s.text)
	}
}

// token goes over the next token; it is false when the line is over.
func (s *survey) token() bool {
	for s.at(s.i) == ' ' || s.at(s.i) == '\t' || s.at(s.i) == '\r' {
		s.i++
	}
	start := s.i
	if s.tag >= 0 {
		start, s.tag = s.tag, -1
	}
	switch c := s.at(s.i); c {
	case '\n', '#':
		s.endLine()
		return false
	case '-', '?':
		if !gap(s.at(s.i+1)) || len(s.flow) > 0 {
			break
		}
		if s.inLine {
			s.stop(start, "a list cannot begin in the line of its key")
		}
		if c == '?' {
			// Nobody writes keys in this way; the survey would have to know far more to follow it.
			s.i = len(s.text)
			return false
		}
		if s.at(s.i+1) == '\t' {
			s.stop(start+1, "a tab after the dash: use a space")
		}
		s.open(start-s.bol, true)
		s.waiting = true
		s.i++
		return true
	case '[', '{':
		if c == '{' && s.at(s.i+1) == '{' {
			s.stop(start, isTemplate)
		}
		s.flow = append(s.flow, s.i)
		s.i++
		return true
	case ']', '}':
		n := len(s.flow)
		if n == 0 {
			s.stop(start, "%q without the bracket that it closes: put a text that begins with it in quotes", c)
		}
		if open := s.text[s.flow[n-1]]; c != open+2 {
			s.stop(start, "%q closes the %q of line %d", c, open, s.lineOf(s.flow[n-1]))
		}
		s.flow = s.flow[:n-1]
		s.i++
		s.value(start, "bracket")
		return true
	case ',':
		if len(s.flow) > 0 {
			s.i++
			return true
		}
	case ':':
		if len(s.flow) > 0 || gap(s.at(s.i+1)) {
			s.i++
			return true
		}
	case '"', '\'':
		s.quoted(c)
		s.value(start, "quote")
		return true
	case '&', '!':
		if c == '&' {
			s.anchors[s.name()] = true
		}
		for c == '!' && !gap(s.at(s.i)) { // brackets and commas belong to a tag
			s.i++
		}
		s.tag = start
		return true
	case '*':
		if name := s.name(); !s.anchors[name] {
			s.stop(start, "no anchor &%s comes before this: put a text that begins with * in quotes", name)
		}
		s.value(start, "alias")
		return true
	case '|', '>':
		if len(s.flow) == 0 {
			s.block()
			return false
		}
	case '@', '`', '%':
		s.stop(start, "a text cannot begin with %q: put it in quotes", c)
	}
	s.plain(start)
	return true
}

// name goes over an anchor or alias, and returns its name.
func (s *survey) name() string {
	start := s.i + 1
	for s.i++; !gap(s.at(s.i)) && strings.IndexByte(":,]}", s.at(s.i)) < 0; s.i++ {
	}
	return string(s.text[start:s.i])
}

// open notes that a block map or list begins, or goes on, in a column.
func (s *survey) open(column int, list bool) {
	n := len(s.levels)
	if n > 0 && s.levels[n-1].column == column && s.levels[n-1].list == list {
		return
	}
	s.levels = append(s.levels, level{column, list})
}

// value holds what follows a value that is not plain, in the same line, against what may.
func (s *survey) value(start int, what string) {
	i := s.i
	for s.at(i) == ' ' || s.at(i) == '\t' || s.at(i) == '\r' {
		i++
	}
	c := s.at(i)
	switch {
	case len(s.flow) > 0:
		if strings.IndexByte(",:]}\n#", c) < 0 {
			s.stop(i, "a comma is missing here")
		}
	case c == ':':
		s.key(start, i)
	case c == '\n', c == '#':
		s.waiting = false
	default:
		r, _ := utf8.DecodeRune(s.text[i:])
		s.stop(i, "%q after the end of the %s of line %d: put the whole value in quotes", r, what, s.lineOf(start))
	}
}

// key notes that what began at start is a key, by the colon at i.
func (s *survey) key(start, i int) {
	if s.inLine {
		s.stop(i, "a second \": \" in one line: put the value in quotes")
	}
	if start >= s.bol { // else it began in a line above, as no key does
		s.open(start-s.bol, false)
	}
	s.waiting, s.inLine = true, true
	s.i = i + 1
}

// diagnose finds better words, and the column, for what is wrong with a document.
func diagnose(text []byte, before int, f *fault) *fault {
	if found := surveyed(text, before); found != nil {
		return found
	}
	// The libraries tell a line only; its content is the best place to point at.
	if lines := bytes.SplitN(text, []byte{'\n'}, f.line-before+1); f.line-before <= len(lines) {
		line := lines[f.line-before-1]
		f.column = 1 + len(line) - len(bytes.TrimLeft(line, " \t\r"))
	}
	return f
}
