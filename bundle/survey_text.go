package bundle

import (
	"bytes"
	"strings"
)

// quoted goes over a quoted scalar.
func (s *survey) quoted(quote byte) {
	start := s.i
	for s.i++; s.i < len(s.text); s.i++ {
		switch c := s.text[s.i]; {
		case c == '\\' && quote == '"':
			s.i++
			if s.i < len(s.text) && strings.IndexByte("0abt\tnvfre \"'\\N_LPxuU\r\n", s.text[s.i]) < 0 {
				s.stop(s.i-1, "an escape that YAML does not have: write \\\\ for a backslash, or use single quotes")
			}
		case c == quote && quote == '\'' && s.at(s.i+1) == '\'':
			s.i++
		case c == quote:
			s.i++
			return
		}
	}
	s.stop(start, "this quote is never closed")
}

// plain goes over a plain scalar, and the lines in which it goes on.
func (s *survey) plain(start int) {
	line := s.bol
	for {
		for ; s.i < len(s.text); s.i++ {
			c := s.text[s.i]
			if c == '\n' {
				if len(s.flow) == 0 {
					break
				}
				s.bol = s.i + 1
			}
			switch {
			case c == ':' && gap(s.at(s.i+1)):
				if len(s.flow) > 0 {
					return
				}
				if s.bol != line {
					s.stop(s.i, "a second value: the key of line %d has one already", s.lineOf(start))
				}
				s.key(start, s.i)
				return
			case c == '#' && gap(s.text[s.i-1]):
				s.missing(start)
				s.waiting = false
				return
			case len(s.flow) > 0 && strings.IndexByte(",[]{}", c) >= 0:
				return
			}
		}
		if len(s.flow) > 0 {
			return
		}
		if !s.continued() {
			s.missing(start)
			s.waiting = false
			return
		}
	}
}

// missing stops at a text that should be a key.
func (s *survey) missing(start int) {
	if n := len(s.levels); n > 0 && !s.waiting && !s.levels[n-1].list {
		s.stop(start, "this is no key: it has no \": \" after it")
	}
}

// continued goes to the next line with content if a plain scalar goes on there, else to the end of the lines before.
func (s *survey) continued() bool {
	parent := -1
	if n := len(s.levels); n > 0 {
		parent = s.levels[n-1].column
	}
	for i := s.i; i < len(s.text); {
		i++
		bol := i
		for s.at(i) == ' ' || s.at(i) == '\t' && i-bol > parent || s.at(i) == '\r' {
			i++
		}
		switch c := s.at(i); {
		case c == '\n' && i < len(s.text):
			continue
		case i >= len(s.text) || c == '#':
			s.i, s.bol = i, bol
			return false
		case i-bol <= parent:
			s.i = bol - 1
			return false
		case i == bol && (bytes.HasPrefix(s.text[i:], []byte("---")) || bytes.HasPrefix(s.text[i:], []byte("..."))) && gap(s.at(i+3)):
			s.i = bol - 1
			return false
		}
		s.i, s.bol = i, bol
		return true
	}
	return false
}

// block goes over a block scalar.
func (s *survey) block() {
	start := s.i
	for s.i++; !gap(s.at(s.i)) && s.at(s.i) != '#'; s.i++ {
		if c := s.at(s.i); c != '+' && c != '-' && (c < '1' || c > '9') {
			s.stop(start, "a text cannot begin with %q: put it in quotes", s.text[start])
		}
	}
	parent := -1
	if n := len(s.levels); n > 0 {
		parent = s.levels[n-1].column
	}
	s.waiting = false
	for s.endLine(); s.i < len(s.text); s.endLine() {
		i := s.i
		for s.at(i) == ' ' {
			i++
		}
		if s.at(i) == '\t' && i-s.i <= parent {
			s.stop(i, "a tab in the indentation: YAML is indented with spaces")
		}
		if c := s.at(i); c != '\n' && c != '\r' && i-s.i <= parent {
			return
		}
	}
}
