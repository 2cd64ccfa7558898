package policy

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/meshscenario/scenario/bundle"
)

// A spot is a text of a policy: its value, the key before it, and the file's bytes, to find any character of it.
type spot struct {
	text string
	key  bundle.Position
	file []byte // nil where it cannot be had
}

// at is the place of a character of the text, given as an offset in bytes. Where the way of quoting hides it, it is the
// place of the text, or of its key.
func (s spot) at(offset int) bundle.Position {
	start := keyOffset(s.file, s.key)
	if start < 0 {
		return s.key
	}
	i := s.valueOffset(start)
	if i < 0 {
		return s.key
	}
	if j := s.walk(i, offset); j >= 0 {
		i = j
	}
	return positionOf(s.key.File, s.file, i)
}

// excerpt is the line of the text around an offset, with a caret below.
func (s spot) excerpt(offset int) string {
	offset = min(offset, len(s.text))
	begin := strings.LastIndexByte(s.text[:offset], '\n') + 1
	end := len(s.text)
	if i := strings.IndexByte(s.text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	line := strings.ReplaceAll(s.text[begin:end], "\t", " ")
	return line + "\n" + strings.Repeat(" ", utf8.RuneCountInString(s.text[begin:offset])) + "^"
}

// keyOffset is where a line and column are, in bytes, or -1.
func keyOffset(file []byte, at bundle.Position) int {
	i := 0
	for line := 1; line < at.Line; line++ {
		end := bytes.IndexByte(file[i:], '\n')
		if end < 0 {
			return -1
		}
		i += end + 1
	}
	if at.Line == 1 && bytes.HasPrefix(file, []byte("\ufeff")) {
		i += 3
	}
	for column := 1; column < at.Column; column++ {
		if i >= len(file) || file[i] == '\n' {
			return -1
		}
		_, size := utf8.DecodeRune(file[i:])
		i += size
	}
	if i >= len(file) {
		return -1
	}
	return i
}

func positionOf(name string, file []byte, i int) bundle.Position {
	before := bytes.TrimPrefix(file[:i], []byte("\ufeff"))
	return bundle.Position{
		File: name, Line: bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1,
	}
}

// valueOffset is where the value of the key at i begins, or -1.
func (s spot) valueOffset(i int) int {
	if c := s.file[i]; c == '"' || c == '\'' {
		end := bytes.IndexByte(s.file[i+1:], c)
		if end < 0 {
			return -1
		}
		i += end + 2
	}
	colon := bytes.IndexByte(s.file[i:], ':')
	if colon < 0 {
		return -1
	}
	i = s.skipBlank(i + colon + 1)
	for i < len(s.file) && (s.file[i] == '&' || s.file[i] == '!') { // an anchor or a tag
		end := bytes.IndexAny(s.file[i:], " \t\r\n")
		if end < 0 {
			return -1
		}
		i = s.skipBlank(i + end)
	}
	if i >= len(s.file) || s.file[i] == '*' {
		return -1
	}
	return i
}

// skipBlank goes over white space and comments.
func (s spot) skipBlank(i int) int {
	for i < len(s.file) {
		switch c := s.file[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case c == '#' && i > 0 && strings.IndexByte(" \t\n", s.file[i-1]) >= 0:
			end := bytes.IndexByte(s.file[i:], '\n')
			if end < 0 {
				return len(s.file)
			}
			i += end
		default:
			return i
		}
	}
	return i
}

// walk goes through the text and its source side by side, from the source's first character at i to the text's offset.
// What is white space in one may be other white space in the other. It is -1 where the two do not fit.
func (s spot) walk(i, offset int) int {
	style := s.file[i]
	switch style {
	case '"', '\'':
		i++
	case '|', '>':
		end := bytes.IndexByte(s.file[i:], '\n')
		if end < 0 {
			return -1
		}
		i += end + 1
	}
	for at, want := range s.text[:min(offset+1, len(s.text))] {
		if unicode.IsSpace(want) {
			continue
		}
		for i < len(s.file) && (s.file[i] == ' ' || s.file[i] == '\t' || s.file[i] == '\r' || s.file[i] == '\n' || style == '"' && s.blankEscape(i)) {
			if s.file[i] == '\\' {
				i++
			}
			i++
		}
		if i >= len(s.file) {
			return -1
		}
		if at >= offset {
			return i
		}
		got, size := utf8.DecodeRune(s.file[i:])
		switch {
		case style == '"' && got == '\\':
			size = 2
			if i+1 < len(s.file) {
				size += map[byte]int{'x': 2, 'u': 4, 'U': 8}[s.file[i+1]]
			}
		case style == '\'' && got == '\'':
			size = 2
		case got != want:
			return -1
		}
		i += size
	}
	return min(i, len(s.file))
}

func (s spot) blankEscape(i int) bool {
	return s.file[i] == '\\' && i+1 < len(s.file) && strings.IndexByte("ntr \n\t", s.file[i+1]) >= 0
}
