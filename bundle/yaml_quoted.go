package bundle

import (
	"strconv"
	"unicode/utf8"
)

// quotedEnd finds the end of a quoted scalar that ends on its line.
func (f *fastReader) quotedEnd(i int) (end int, ok bool) {
	quote := f.text[i]
	for i++; i < len(f.text); i++ {
		switch c := f.text[i]; {
		case c == '\n' || c == '\r':
			return 0, false
		case c == '\\' && quote == '"':
			i++
			if f.ends(i) {
				return 0, false
			}
		case c == quote:
			if quote == '"' || i+1 >= len(f.text) || f.text[i+1] != '\'' {
				return i + 1, true
			}
			i++
		}
	}
	return 0, false
}

// escapes are the characters that a backslash and one letter stand for.
var escapes = map[byte]rune{
	'0': 0, 'a': '\a', 'b': '\b', 't': '\t', '\t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r', 'e': 0x1b, ' ': ' ',
	'"': '"', '\'': '\'', '\\': '\\', 'N': 0x85, '_': 0xa0, 'L': 0x2028, 'P': 0x2029,
}

// appendQuoted writes the text of a quoted scalar.
func (f *fastReader) appendQuoted(i, end int) bool {
	f.json = append(f.json, '"')
	ok := f.appendPart(f.text[i], i+1, end-1)
	f.json = append(f.json, '"')
	return ok
}

// appendPart writes a part of the text of a quoted scalar, which lies within a line.
func (f *fastReader) appendPart(quote byte, i, end int) bool {
	start := i
	for ; i < end; i++ {
		switch {
		case quote == '\'' && f.text[i] == '\'':
			i++
			f.json = appendChars(f.json, f.text[start:i])
			start = i + 1
		case quote == '"' && f.text[i] == '\\':
			f.json = appendChars(f.json, f.text[start:i])
			i++
			r, known := escapes[f.text[i]]
			if !known {
				size := 0
				switch f.text[i] {
				case 'x':
					size = 2
				case 'u':
					size = 4
				case 'U':
					size = 8
				}
				if size == 0 || i+size >= end {
					return false
				}
				code, err := strconv.ParseUint(string(f.text[i+1:i+1+size]), 16, 32)
				if err != nil {
					return false
				}
				r = rune(code)
				if !utf8.ValidRune(r) {
					return false
				}
				i += size
			}
			f.json = appendChars(f.json, string(r))
			start = i + 1
		}
	}
	f.json = appendChars(f.json, f.text[start:end])
	return true
}

// quotedLines reads a quoted scalar of several lines.
func (f *fastReader) quotedLines() bool {
	quote := f.text[f.i]
	f.json = append(f.json, '"')
	f.i++
	for {
		// A line's part ends with the quote, with a backslash that hides the line's end, or else before the spaces at
		// that end.
		start, end := f.i, f.i
		i := f.i
		closed, hidden := false, false
		for ; i < len(f.text) && f.text[i] != '\n'; i++ {
			c := f.text[i]
			if c == ' ' || c == '\t' || c == '\r' {
				continue
			}
			if c == quote && (quote == '"' || i+1 >= len(f.text) || f.text[i+1] != '\'') {
				closed, end = true, i
				break
			}
			if c == quote {
				i++
			} else if c == '\\' && quote == '"' {
				if hidden = f.ends(i + 1); hidden {
					end = i
					break
				}
				i++
			}
			end = i + 1
		}
		if !f.appendPart(quote, start, end) {
			return false
		}
		if closed {
			f.json = append(f.json, '"')
			f.i = end + 1
			return true
		}
		f.i = i
		breaks := 0
		for f.i < len(f.text) && (f.text[f.i] == '\n' || f.text[f.i] == ' ' || f.text[f.i] == '\t' || f.text[f.i] == '\r' || f.i == end && hidden) {
			if f.text[f.i] == '\n' {
				breaks++
				f.newline(f.i + 1)
				if f.mark() {
					return false
				}
			} else {
				f.i++
			}
		}
		switch {
		case f.i == len(f.text):
			return false
		case hidden:
			f.breaks(breaks - 1)
		default:
			f.fold(breaks)
		}
	}
}
