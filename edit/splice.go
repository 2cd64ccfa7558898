package edit

import (
	"bytes"
	"slices"
)

// A splice puts a text in the place of another.
type splice struct {
	start, end int
	text       string
}

// spliced makes splices, which do not overlap; of those at one place the order stays.
func spliced(text []byte, splices []splice) []byte {
	slices.SortStableFunc(splices, func(a, b splice) int { return a.start - b.start })
	var out bytes.Buffer
	i := 0
	for _, s := range splices {
		out.Write(text[i:max(i, s.start)])
		out.WriteString(s.text)
		i = max(i, s.end)
	}
	out.Write(text[i:])
	return out.Bytes()
}

// wholeLines are the lines from that of one offset to that of another, the last break included: at the end of a text
// without one, the break before.
func wholeLines(text []byte, start, end int) splice {
	start, end = start-column(text, start), lineEnd(text, end)
	if n := bytes.IndexByte(text[end:], '\n'); n >= 0 {
		return splice{start: start, end: end + n + 1}
	}
	if start > 0 {
		start--
	}
	if start > 0 && text[start-1] == '\r' {
		start--
	}
	return splice{start: start, end: len(text)}
}

// first says whether nothing but spaces is before an offset in its line.
func first(text []byte, i int) bool {
	start := i - column(text, i)
	return len(bytes.Trim(text[start:i], " \t")) == 0
}

// onlySpace says whether a part of a text holds nothing.
func onlySpace(text []byte) bool { return len(bytes.Trim(text, " \t\r\n")) == 0 }
