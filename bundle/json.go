package bundle

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// A jsonReader reads JSON texts, strictly, into compact JSON and places.
type jsonReader struct {
	encoder
	keys
	ruler
	text []byte
	i    int
	// at is the line of the next byte, start where that line starts.
	at, start int
	depth     int
	wrong     *fault
}

// open begins with a text, at an offset; the first line has the number given.
func (r *jsonReader) open(text []byte, i, line int, wide bool) {
	r.text, r.i, r.at, r.start, r.ruler = text, 0, line, 0, ruler{wide: wide}
	for ; r.i < i; r.i++ {
		if text[r.i] == '\n' {
			r.at, r.start = r.at+1, r.i+1
		}
	}
}

// read reads the next value; more is false when nothing but white space is left.
func (r *jsonReader) read() (more bool, wrong *fault) {
	r.space()
	if r.i == len(r.text) {
		return false, nil
	}
	r.encoder.reset()
	r.keys.reset()
	r.depth, r.wrong = 0, nil
	r.begin(r.at, r.measure(r.text, r.start, r.i))
	if !r.value() {
		return false, r.wrong
	}
	return true, nil
}

func (r *jsonReader) fail(format string, args ...any) bool {
	r.wrong = &fault{r.at, r.measure(r.text, r.start, r.i), fmt.Sprintf(format, args...)}
	return false
}

// peek is the next byte, or 0 at the end.
func (r *jsonReader) peek() byte {
	if r.i < len(r.text) {
		return r.text[r.i]
	}
	return 0
}

func (r *jsonReader) space() {
	for ; r.i < len(r.text); r.i++ {
		switch r.text[r.i] {
		case '\n':
			r.at, r.start = r.at+1, r.i+1
		case ' ', '\t', '\r':
		default:
			return
		}
	}
}

func (r *jsonReader) value() bool {
	switch c := r.peek(); {
	case c == '{':
		return r.entries('}')
	case c == '[':
		return r.entries(']')
	case c == '"':
		return r.string()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if end := r.i + len(word); end <= len(r.text) && string(r.text[r.i:end]) == word {
			r.i = end
			r.json = append(r.json, word...)
			return true
		}
	}
	return r.unexpected("a value")
}

func (r *jsonReader) unexpected(want string) bool {
	if r.i == len(r.text) {
		return r.fail("the text ends where %s is expected: is it cut off?", want)
	}
	c, _ := utf8.DecodeRune(r.text[r.i:])
	return r.fail("%q where %s is expected", c, want)
}

// entries reads a map or list up to its end.
func (r *jsonReader) entries(end byte) bool {
	if r.depth++; r.depth > maxDepth {
		return r.fail(tooDeep, maxDepth)
	}
	first := len(r.spans)
	r.json = append(r.json, r.text[r.i])
	r.i++
	r.space()
	for more := false; r.peek() != end || more; more = true {
		if more {
			r.json = append(r.json, ',')
		}
		r.place(r.at, r.measure(r.text, r.start, r.i))
		if end == '}' && !r.key(first) || !r.value() {
			return false
		}
		r.space()
		if r.peek() == end {
			break
		}
		if r.peek() != ',' {
			return r.unexpected(fmt.Sprintf("',' or %q", end))
		}
		r.i++
		r.space()
	}
	r.i++
	r.json = append(r.json, end)
	r.keys.close(first)
	r.depth--
	return true
}

func (r *jsonReader) key(first int) bool {
	if r.peek() != '"' {
		return r.unexpected("a key in double quotes")
	}
	at, i := len(r.json), r.i
	if !r.string() {
		return false
	}
	if line := r.keys.add(r.json, first, span{at, len(r.json), r.at}); line != 0 {
		text, _ := unquote(r.json[at:])
		r.i = i
		return r.fail(alreadySet, text, line)
	}
	r.space()
	if r.peek() != ':' {
		return r.unexpected("':'")
	}
	r.i++
	r.json = append(r.json, ':')
	r.space()
	return true
}

func (r *jsonReader) string() bool {
	start := r.i
	escaped := false
	for r.i++; ; r.i++ {
		switch c := r.peek(); {
		case c == '"':
			r.i++
			if !escaped {
				r.json = appendString(r.json, r.text[start+1:r.i-1])
				return true
			}
			text, ok := unquote(r.text[start:r.i])
			if !ok {
				r.i = start
				return r.fail("a text with an escape that JSON does not have")
			}
			r.json = appendString(r.json, text)
			return true
		case r.i == len(r.text) || c == '\n':
			r.i = start
			return r.fail("a text without its closing quote")
		case c == '\\':
			escaped = true
			r.i++
		case c < ' ':
			return r.fail("a control character in a text: write it as an escape")
		}
	}
}

// number reads a number. It gets the value that the same number has in YAML, as kubectl's reader has one way for both.
func (r *jsonReader) number() bool {
	start := r.i
	for c := r.peek(); c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E' || c >= '0' && c <= '9'; c = r.peek() {
		r.i++
	}
	text := r.text[start:r.i]
	if !jsonNumber.Match(text) {
		r.i = start
		return r.fail("%s is no number", text)
	}
	r.json, _ = appendScalar(r.json, resolve(string(text)))
	return true
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
