package bundle

import "bytes"

// indicators cannot begin a plain scalar, some of them only where a space follows.
var indicators = func() (table [256]bool) {
	for _, c := range "-?:,[]{}#&*!|>'\"%@`\t" {
		table[c] = true
	}
	return
}()

// stops are the characters that may end a plain scalar.
var stops = func() (table [256]bool) {
	for _, c := range ":#\t\n\r" {
		table[c] = true
	}
	return
}()

// plainEnd finds the end of a plain scalar, and whether a colon follows that makes it a key.
func (f *fastReader) plainEnd(i int) (end int, colon, ok bool) {
	switch c := f.text[i]; {
	case c == '-' || c == ':' || c == '?':
		if f.blank(i + 1) {
			return 0, false, false
		}
	case indicators[c]:
		return 0, false, false
	}
	return f.plainLineEnd(i)
}

// plainLineEnd finds the end of a line of a plain scalar.
func (f *fastReader) plainLineEnd(i int) (end int, colon, ok bool) {
	text, start := f.text, i
scan:
	for ; i < len(text); i++ {
		if !stops[text[i]] {
			continue
		}
		switch text[i] {
		case ':':
			if i+1 < len(text) && text[i+1] == '\t' {
				return 0, false, false
			}
			if colon = f.blank(i + 1); colon {
				break scan
			}
		case '#':
			if text[i-1] == ' ' {
				break scan
			}
		case '\t':
			return 0, false, false
		default:
			break scan
		}
	}
	for i > start && text[i-1] == ' ' {
		i--
	}
	return i, colon, true
}

// plain reads a plain scalar, of which the first line ends where it is told.
func (f *fastReader) plain(end, parent int) bool {
	before, start := len(f.json), f.i
	var ok bool
	if f.json, ok = appendPlain(f.json, f.text[start:end]); !ok {
		return false
	}
	for first := true; ; first = false {
		f.i = end
		if !f.endLine() || !f.content() {
			return false
		}
		if f.column <= parent {
			return true
		}
		// The scalar goes on in this line, unless a comment came between.
		between := f.text[end:f.i]
		if bytes.IndexByte(between, '#') >= 0 {
			return false
		}
		if first {
			f.json = appendString(f.json[:before], f.text[start:end])
		}
		f.json = f.json[:len(f.json)-1]
		f.fold(bytes.Count(between, []byte{'\n'}))
		start = f.i
		var colon bool
		if end, colon, ok = f.plainLineEnd(start); !ok || colon {
			return false
		}
		f.json = append(appendChars(f.json, f.text[start:end]), '"')
	}
}

// fold writes what a number of line breaks stands for in a scalar of several lines.
func (f *fastReader) fold(breaks int) {
	if breaks == 1 {
		f.json = append(f.json, ' ')
	}
	f.breaks(breaks - 1)
}

// appendPlain writes the value of a plain scalar.
func appendPlain(out, text []byte) ([]byte, bool) {
	if isText(text) {
		return appendString(out, text), true
	}
	if digits(text) {
		return append(out, text...), true
	}
	return appendScalar(out, resolve(string(text)))
}

// digits says whether a text is a whole number as JSON writes it.
func digits(text []byte) bool {
	if text[0] == '0' || len(text) > 18 {
		return len(text) == 1
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendKey writes a plain key.
func appendKey(out, text []byte) ([]byte, bool) {
	if string(text) == "<<" {
		return out, false
	}
	if isText(text) {
		return appendString(out, text), true
	}
	key, ok := keyText(resolve(string(text)))
	return appendString(out, key), ok
}
