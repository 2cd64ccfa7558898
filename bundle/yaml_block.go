package bundle

import "bytes"

// blockScalar reads a literal or folded scalar, from its indicator on.
func (f *fastReader) blockScalar(parent int) bool {
	folded := f.text[f.i] == '>'
	if !folded && f.at == f.encoder.line {
		f.literal()
	}
	f.i++
	var chomp byte
	indent := -1
	for ; !f.blank(f.i); f.i++ {
		switch c := f.text[f.i]; {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
		case c >= '1' && c <= '9' && indent < 0:
			indent = parent + int(c-'0')
		default:
			return false
		}
	}
	if !f.endLine() {
		return false
	}
	if indent < 0 {
		var ok bool
		if indent, ok = f.detectIndent(parent); !ok {
			return false
		}
	}

	f.json = append(f.json, '"')
	// breaks are the empty lines that wait; broken says that the line before ended in a break, and spaced that it
	// began with a space, which keeps its break from being folded.
	breaks, broken, spaced := 0, false, false
	for f.i < len(f.text) {
		i := f.i
		for i < len(f.text) && i-f.i < indent && f.text[i] == ' ' {
			i++
		}
		if i == len(f.text) {
			break
		}
		if f.ends(i) {
			breaks++
			f.nextLine()
			continue
		}
		if i-f.i < indent {
			if f.text[i] == '\t' {
				return false
			}
			break
		}
		end := i + bytes.IndexByte(f.text[i:], '\n')
		last := end < i
		if last {
			end = len(f.text)
		} else if f.text[end-1] == '\r' {
			end--
		}
		space := f.text[i] == ' ' || f.text[i] == '\t'
		switch {
		case broken && folded && !spaced && !space:
			if breaks == 0 {
				f.json = append(f.json, ' ')
			}
		case broken:
			f.json = append(f.json, `\n`...)
		}
		f.breaks(breaks)
		breaks, broken, spaced = 0, !last, space
		f.json = appendChars(f.json, f.text[i:end])
		f.nextLine()
	}
	if broken && chomp != '-' {
		f.breaks(1)
	}
	if chomp == '+' {
		f.breaks(breaks)
	}
	f.json = append(f.json, '"')
	return f.content() && f.column <= parent
}

func (f *fastReader) breaks(n int) {
	for range n {
		f.json = append(f.json, `\n`...)
	}
}

// detectIndent looks ahead for the indentation of a block scalar: that of its first line with text.
func (f *fastReader) detectIndent(parent int) (indent int, ok bool) {
	longest := 0
	for i := f.i; i < len(f.text); i++ {
		start := i
		for i < len(f.text) && f.text[i] == ' ' {
			i++
		}
		if f.ends(i) {
			longest = max(longest, i-start)
			for i < len(f.text) && f.text[i] != '\n' {
				i++
			}
			continue
		}
		if f.text[i] == '\t' {
			return 0, false
		}
		// An empty line that is longer than the first line with text would count, and nobody means it.
		return max(i-start, parent+1), longest <= max(i-start, parent+1)
	}
	return max(longest, parent+1), true
}
