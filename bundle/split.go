package bundle

import "bytes"

// documentEnd finds the end of the document that begins at a line's start. A document ends before a line --- or with a
// line ..., which no YAML can hold otherwise, or, in a stream of JSON, with a line's end after its value. What is read
// so far may not be enough to tell: ok is false then.
func documentEnd(text []byte, eof bool) (end int, ok bool) {
	start, end := header(text, eof)
	if end > 0 || start < 0 {
		return end, end > 0
	}
	if start < len(text) && (text[start] == '{' || text[start] == '[') {
		if end, ok, isJSON := jsonEnd(text, start, eof); isJSON {
			return end, ok
		}
	}
	for i := start; ; {
		limit, found := i+bytes.Index(text[i:], []byte("\n---")), true
		if limit < i {
			limit, found = len(text), false
		}
		for dots := i; ; {
			n := bytes.Index(text[dots:limit], []byte("\n..."))
			if n < 0 {
				break
			}
			dots += n + 1
			mark, enough := marker(text[dots:], eof)
			if !enough {
				return 0, false
			}
			if mark {
				return lineEnd(text, dots, eof)
			}
		}
		if !found {
			return len(text), eof
		}
		mark, enough := marker(text[limit+1:], eof)
		if mark || !enough {
			return limit + 1, enough
		}
		i = limit + 1
	}
}

// header goes over blank lines, comments, directives and one line --- to where a document's content starts. Where the
// document is over without any, it returns the end; where more must be read to tell, start is negative.
func header(text []byte, eof bool) (start, end int) {
	marked, directive := false, -1
	for i := 0; i < len(text); {
		next, whole := lineEnd(text, i, eof)
		if !whole {
			return -1, 0
		}
		line := bytes.TrimLeft(text[i:next], " \t\r\n")
		if text[i] == '%' && !marked {
			directive = i
			i = next
			continue
		}
		if len(line) == 0 || line[0] == '#' {
			i = next
			continue
		}
		mark, _ := marker(text[i:next], true)
		switch {
		case !mark:
			return next - len(line), 0
		case text[i] == '.':
			return 0, next
		case marked:
			return 0, i
		}
		marked = true
		if rest := bytes.TrimLeft(line[3:], " \t\r\n"); len(rest) > 0 && rest[0] != '#' {
			return next - len(rest), 0
		}
		i = next
	}
	switch {
	case !eof:
		return -1, 0
	case directive >= 0 && !marked:
		return directive, 0
	}
	return 0, len(text)
}

// lineEnd is where the line after that at i starts.
func lineEnd(text []byte, i int, eof bool) (end int, ok bool) {
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n + 1, true
	}
	return len(text), eof
}

// marker says whether a line is --- or ... with nothing or a space after it.
func marker(line []byte, eof bool) (mark, enough bool) {
	if len(line) < 4 && !eof {
		return false, false
	}
	if !bytes.HasPrefix(line, []byte("---")) && !bytes.HasPrefix(line, []byte("...")) {
		return false, true
	}
	return len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0, true
}

// jsonEnd finds the end of the line after a JSON value, where another one follows. It looks at the text only as far as
// needed to be sure that it is JSON and not a flow map of YAML.
func jsonEnd(text []byte, start int, eof bool) (end int, ok, isJSON bool) {
	depth := 0
	before := byte(',') // the character before, white space aside
	for i := start; i < len(text); i++ {
		c := text[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth > 0 {
				break
			}
			next := i + 1
			for next < len(text) && bytes.IndexByte([]byte(" \t\r\n"), text[next]) >= 0 {
				next++
			}
			line := bytes.IndexByte(text[i:next], '\n')
			switch {
			case next == len(text):
				return next, eof, true
			case text[next] != '{' && text[next] != '[':
				return 0, false, false
			case line >= 0:
				return i + line + 1, true, true
			}
		case '"':
			if bytes.IndexByte([]byte("{[,:"), before) < 0 {
				return 0, false, false
			}
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case ':':
			if before != '"' {
				return 0, false, false
			}
		case ',':
		default:
			if bytes.IndexByte([]byte("+-.0123456789eEtrufalsn"), c) < 0 {
				return 0, false, false
			}
		}
		before = c
	}
	return len(text), eof, true
}
