package bundle

// flow reads a flow map or list. It may take several lines; what is in it may not.
func (f *fastReader) flow() bool {
	if f.depth++; f.depth > maxDepth {
		return false
	}
	isMap := f.text[f.i] == '{'
	end := byte(']')
	if isMap {
		end = '}'
	}
	f.json = append(f.json, f.text[f.i])
	f.i++
	first := len(f.spans)
	f.spaces()
	for more := false; f.next() != end; more = true {
		if more {
			f.json = append(f.json, ',')
		}
		f.here()
		if isMap && !(f.flowKey(first) && f.blank(f.i)) {
			return false
		}
		f.spaces()
		if !f.flowValue() {
			return false
		}
		f.spaces()
		if f.next() == ',' {
			f.i++
			f.spaces()
		} else if f.next() != end {
			return false
		}
	}
	f.i++
	f.json = append(f.json, end)
	f.keys.close(first)
	f.depth--
	return true
}

// spaces passes over spaces, line ends and comments, up to a line that ends the document.
func (f *fastReader) spaces() {
	for {
		for f.next() == ' ' {
			f.i++
		}
		switch c := f.next(); {
		case f.i == len(f.text):
			return
		case c == '\n' || c == '\r' || c == '#' && (f.i == f.start || f.text[f.i-1] == ' '):
			f.nextLine()
			if f.mark() {
				f.i = len(f.text) // where nothing is closed
				return
			}
		default:
			return
		}
	}
}

// next is the next byte, or 0 at the end.
func (f *fastReader) next() byte {
	if f.i < len(f.text) {
		return f.text[f.i]
	}
	return 0
}

func (f *fastReader) flowValue() bool {
	switch c := f.next(); c {
	case '[', '{':
		return f.flow()
	case '"', '\'':
		return f.flowQuoted()
	}
	end, ok := f.flowPlainEnd()
	if !ok {
		return false
	}
	f.json, ok = appendPlain(f.json, f.text[f.i:end])
	f.i = end
	return ok
}

// flowKey reads a key and its colon.
func (f *fastReader) flowKey(first int) bool {
	at, from := len(f.json), f.i
	if c := f.next(); c == '"' || c == '\'' {
		if !f.flowQuoted() {
			return false
		}
	} else {
		end, ok := f.flowPlainEnd()
		if !ok {
			return false
		}
		if f.json, ok = appendKey(f.json, f.text[f.i:end]); !ok {
			return false
		}
		f.i = end
	}
	if f.next() != ':' || f.i-from > 1000 || f.keys.add(f.json, first, span{at, len(f.json), f.at}) != 0 {
		return false
	}
	f.json = append(f.json, ':')
	f.i++
	return true
}

func (f *fastReader) flowQuoted() bool {
	end, ok := f.quotedEnd(f.i)
	if !ok {
		return false
	}
	ok = f.appendQuoted(f.i, end)
	f.i = end
	return ok
}

// flowPlainEnd finds the end of a plain scalar inside of a flow map or list. Readers do not agree on question marks and
// on colons without a space after them.
func (f *fastReader) flowPlainEnd() (end int, ok bool) {
	i := f.i
	switch c := f.next(); {
	case f.ends(i):
		return 0, false
	case c == '-':
		if f.blank(i+1) || flowEnds[f.text[i+1]] {
			return 0, false
		}
	case indicators[c]:
		return 0, false
	}
	for ; i < len(f.text); i++ {
		c := f.text[i]
		if !flowEnds[c] {
			continue
		}
		if c == ',' || c == ']' || c == '}' || f.ends(i) { // what comes next is looked at after it
			break
		}
		if c != ':' {
			return 0, false
		}
		if i+1 == len(f.text) || f.text[i+1] == ' ' {
			break
		}
		if flowEnds[f.text[i+1]] {
			return 0, false
		}
	}
	for i > f.i && f.text[i-1] == ' ' {
		i--
	}
	return i, true
}

var flowEnds = func() (table [256]bool) {
	for _, c := range ",?[]{}:#\t\n\r" {
		table[c] = true
	}
	return
}()
