package bundle

import "unicode/utf8"

// maxDepth is how deep maps and lists may lie in each other.
const maxDepth = 100

// An encoder collects one document: its JSON, and the places of its entries.
type encoder struct {
	json, places []byte
	// line is that of the entry placed last; first and column are where the document begins.
	line, first, column int
	last                int // where the entry placed last is in places
}

func (e *encoder) reset() {
	e.json, e.places = e.json[:0], e.places[:0]
}

// begin says where the document begins.
func (e *encoder) begin(line, column int) {
	e.line, e.first, e.column = line, line, column
}

func (e *encoder) place(line, column int) {
	e.last = len(e.places)
	e.places = appendPlace(e.places, line-e.line, column)
	e.line = line
}

// literal notes that the value of the entry placed last is a text whose lines are those of the file, the first on the line
// after the entry's.
func (e *encoder) literal() { e.places = setLiteral(e.places, e.last) }

// A ruler measures columns in characters, without counting a long line again and again.
type ruler struct {
	wide bool // there are characters of more than one byte
	line int  // where the line starts that was measured last
	seen int  // up to where
	n    int  // how many characters that is
}

// measure is the column of an offset in the line that starts at another.
func (r *ruler) measure(text []byte, start, i int) int {
	if !r.wide {
		return i - start + 1
	}
	if r.line != start || i < r.seen {
		r.line, r.seen, r.n = start, start, 0
	}
	r.n += utf8.RuneCount(text[r.seen:i])
	r.seen = i
	return r.n + 1
}

// plainByte are the characters that stand for themselves in JSON, as encoding/json writes it.
var plainByte = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return
}()

const hex = "0123456789abcdef"

// appendString writes a text as encoding/json does, so that the same text always has the same bytes.
func appendString[T []byte | string](out []byte, text T) []byte {
	out = append(out, '"')
	out = appendChars(out, text)
	return append(out, '"')
}

// appendChars is appendString without the quotes.
func appendChars[T []byte | string](out []byte, text T) []byte {
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if plainByte[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune([]byte(text[i:min(i+utf8.UTFMax, len(text))]))
			switch {
			case r == utf8.RuneError && size == 1:
				out = append(append(out, text[start:i]...), `\ufffd`...)
				start = i + 1
			case r == '\u2028' || r == '\u2029':
				out = append(append(out, text[start:i]...), `\u202`...)
				out = append(out, hex[r&0xf])
				start = i + size
			}
			i += size
			continue
		}
		out = append(out, text[start:i]...)
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\b':
			out = append(out, '\\', 'b')
		case '\f':
			out = append(out, '\\', 'f')
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
		i++
		start = i
	}
	return append(out, text[start:]...)
}
