package bundle

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// A nature is what a document's characters ask of its reader.
type nature uint8

const (
	wide nature = 1 << iota // characters of more than one byte: columns are not bytes
	odd                     // line breaks of YAML 1.1 that people do not see as such, and byte order marks
	bad                     // characters that neither YAML nor JSON allow
)

// class sorts bytes; returns and controls are looked at again.
var class = func() (table [256]nature) {
	for c := range table {
		switch {
		case c >= utf8.RuneSelf:
			table[c] = wide
		case c == '\r':
			table[c] = odd
		case c < ' ' && c != '\t' && c != '\n', c == 0x7f:
			table[c] = bad
		}
	}
	return
}()

// inspect looks at every byte of a document. Where a character is not allowed, it returns its offset and why.
func inspect(text []byte) (n nature, offset int, why string) {
	for _, c := range text {
		n |= class[c]
	}
	if n == 0 {
		return 0, 0, ""
	}
	n = 0
	for i := 0; i < len(text); {
		c := text[i]
		size := 1
		switch {
		case class[c] == 0:
		case c == '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				n |= odd
			}
		case c == 0:
			return bad, i, "a NUL byte: this is no text"
		case class[c] == bad:
			return bad, i, fmt.Sprintf("control character U+%04X: remove it, or write it as an escape in double quotes", c)
		default:
			var r rune
			r, size = utf8.DecodeRune(text[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				return bad, i, fmt.Sprintf("byte 0x%02X is not UTF-8: save the file as UTF-8", c)
			case r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
				n |= odd
			case r < 0xa0 || r == 0xfffe || r == 0xffff:
				return bad, i, fmt.Sprintf("control character U+%04X: remove it, or write it as an escape in double quotes", r)
			}
			n |= wide
		}
		i += size
	}
	return n, 0, ""
}

// lineColumn is the place of an offset, from 1.
func lineColumn(text []byte, offset int) (line, column int) {
	before := text[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}
