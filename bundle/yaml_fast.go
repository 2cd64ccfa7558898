package bundle

import "bytes"

// A fastReader reads the YAML that people and tools write: block maps and lists, scalars of all styles, plain flow maps
// and lists. It makes JSON and places in one pass, without a tree in between. Whatever else comes (anchors, tags,
// merges, odd characters, anything wrong), it gives up: its methods return false, and the document is read again by a
// nodeReader, which also finds the words for what is wrong.
type fastReader struct {
	encoder
	keys
	ruler
	text []byte
	// i is the next byte, at is the line it is in, and start where that line starts.
	i, at, start int
	// column is that of the next content, counted from 0, or -1 at the end.
	column int
	depth  int
	marked bool // the line --- was passed
}

// read reads one document, whose first line has the number given.
func (f *fastReader) read(text []byte, line int, wide bool) bool {
	f.encoder.reset()
	f.keys.reset()
	f.text, f.i, f.at, f.start, f.depth, f.marked = text, 0, line, 0, 0, false
	f.ruler = ruler{wide: wide}
	if !f.content() || f.column < 0 {
		return false
	}
	if len(text) > cap(f.json) {
		f.json = make([]byte, 0, len(text)) // one that grows would take more
	}
	f.begin(f.at, f.measure(f.text, f.start, f.i))
	return f.node(-1, true) && f.column < 0 && (f.json[0] == '{' || f.json[0] == '[')
}

// here notes the place of an entry that begins at the next byte.
func (f *fastReader) here() { f.place(f.at, f.measure(f.text, f.start, f.i)) }

func (f *fastReader) newline(i int) {
	f.i, f.start = i, i
	f.at++
}

// ends says whether the line ends at i. A return is always followed by a line feed here.
func (f *fastReader) ends(i int) bool {
	return i >= len(f.text) || f.text[i] == '\n' || f.text[i] == '\r'
}

// blank says whether a space or the end of the line is at i.
func (f *fastReader) blank(i int) bool { return f.ends(i) || f.text[i] == ' ' }

// nextLine goes to the start of the next line.
func (f *fastReader) nextLine() {
	if n := bytes.IndexByte(f.text[f.i:], '\n'); n >= 0 {
		f.newline(f.i + n + 1)
	} else {
		f.i = len(f.text)
	}
}

// mark says whether a line --- or ... starts here, which ends whatever is open.
func (f *fastReader) mark() bool {
	mark, _ := marker(f.text[f.i:], true)
	return mark && f.i == f.start
}

// endLine goes to the next line, when nothing but a comment is left of this one.
func (f *fastReader) endLine() bool {
	i := f.i
	for i < len(f.text) && f.text[i] == ' ' {
		i++
	}
	if !f.ends(i) && (f.text[i] != '#' || i == f.i) {
		return false
	}
	f.nextLine()
	return true
}

// content goes from the start of a line over blank lines and comments to what comes next.
func (f *fastReader) content() bool {
	for f.i < len(f.text) {
		i := f.i
		for i < len(f.text) && f.text[i] == ' ' {
			i++
		}
		switch {
		case f.ends(i) || f.text[i] == '#':
			f.nextLine()
			continue
		case f.text[i] == '\t':
			return false
		}
		f.column = i - f.i
		f.i = i
		if f.column > 0 || !f.mark() {
			return true
		}
		f.i += 3
		if !f.endLine() {
			return false
		}
		if f.text[i] == '.' {
			f.column = -1
			return f.i == len(f.text)
		}
		if f.marked || len(f.json) > 0 {
			return false
		}
		f.marked = true
	}
	f.column = -1
	return true
}

// value reads what follows the colon of a key or the dash of an item, in the same line or in those below. The parent is
// the column of the map or list that it belongs to. Afterwards the reader stands at the next content.
func (f *fastReader) value(parent int, item bool) bool {
	dash := f.i
	for f.i < len(f.text) && f.text[f.i] == ' ' {
		f.i++
	}
	if !f.ends(f.i) && f.text[f.i] != '#' {
		if item {
			f.here()
		}
		f.column = f.i - f.start
		return f.node(parent, item)
	}
	at, column := f.at, f.measure(f.text, f.start, dash)
	f.i = dash
	if !f.endLine() || !f.content() {
		return false
	}
	switch {
	case f.column > parent:
		if item {
			f.here()
		}
		return f.node(parent, true)
	case f.column == parent && !item && f.dash():
		return f.list(parent)
	}
	if item {
		f.place(at, column)
	}
	f.json = append(f.json, "null"...)
	return true
}

func (f *fastReader) dash() bool { return f.text[f.i] == '-' && f.blank(f.i+1) }

// node reads the node that begins here. Block maps and lists are possible where it stands at the start of a line or
// after a dash.
func (f *fastReader) node(parent int, block bool) bool {
	switch c := f.text[f.i]; c {
	case '-':
		if f.blank(f.i + 1) {
			return block && f.list(f.column)
		}
	case '[', '{':
		if !f.flow() {
			return false
		}
		return f.after(parent)
	case '|', '>':
		return parent >= 0 && f.blockScalar(parent)
	case '"', '\'':
		end, ok := f.quotedEnd(f.i)
		if !ok {
			return f.quotedLines() && f.after(parent)
		}
		if f.colon(end) {
			return block && f.mapping(f.column)
		}
		if !f.appendQuoted(f.i, end) {
			return false
		}
		f.i = end
		return f.after(parent)
	}
	end, colon, ok := f.plainEnd(f.i)
	switch {
	case !ok:
		return false
	case colon:
		return block && f.mapping(f.column)
	}
	return f.plain(end, parent)
}

// after goes to the next content after a scalar or flow, which must not belong to the same node.
func (f *fastReader) after(parent int) bool {
	return f.endLine() && f.content() && f.column <= parent
}

// colon says whether a colon that ends a key follows, possibly after spaces.
func (f *fastReader) colon(i int) bool {
	for i < len(f.text) && f.text[i] == ' ' {
		i++
	}
	return i < len(f.text) && f.text[i] == ':'
}

func (f *fastReader) list(column int) bool {
	if f.depth++; f.depth > maxDepth {
		return false
	}
	f.json = append(f.json, '[')
	for more := false; f.column == column && f.dash(); more = true {
		if more {
			f.json = append(f.json, ',')
		}
		f.i++
		if !f.value(column, true) {
			return false
		}
	}
	f.json = append(f.json, ']')
	f.depth--
	return f.column <= column
}

func (f *fastReader) mapping(column int) bool {
	if f.depth++; f.depth > maxDepth {
		return false
	}
	f.json = append(f.json, '{')
	first := len(f.spans)
	for {
		f.here()
		if !f.key(first) || !f.value(column, false) || f.column > column {
			return false
		}
		if f.column < column {
			break
		}
		f.json = append(f.json, ',')
	}
	f.json = append(f.json, '}')
	f.keys.close(first)
	f.depth--
	return true
}

// key reads a key and its colon.
func (f *fastReader) key(first int) bool {
	at := len(f.json)
	var end int
	var ok bool
	if c := f.text[f.i]; c == '"' || c == '\'' {
		if end, ok = f.quotedEnd(f.i); !ok || !f.appendQuoted(f.i, end) {
			return false
		}
	} else {
		var colon bool
		if end, colon, ok = f.plainEnd(f.i); !ok || !colon {
			return false
		}
		if f.json, ok = appendKey(f.json, f.text[f.i:end]); !ok {
			return false
		}
	}
	if f.keys.add(f.json, first, span{at, len(f.json), f.at}) != 0 {
		return false
	}
	f.json = append(f.json, ':')
	start := f.i
	f.i = end
	for f.next() == ' ' {
		f.i++
	}
	// A colon is within 1024 characters of where its key begins.
	if f.i-start > 1000 || f.next() != ':' || !f.blank(f.i+1) {
		return false
	}
	f.i++
	return true
}
