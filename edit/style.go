package edit

import (
	"bytes"
	"strings"
)

// A style is how a document is written, as far as that can be seen.
type style struct {
	eol    string
	indent int // of a map in a map
	dash   int // of a list in a map
	gap    int // from a dash to its item
	// unended says that the last line has no break: a literal there would lose its own.
	unended bool
	json    bool
	wide    bool // JSON of many lines
	quote   byte // that most texts are in
}

// styleOf looks at a document; what it does not show is as kubectl writes it, or as other documents of the file show.
func styleOf(text []byte, root *node, others func(look func(*node) bool)) style {
	s := style{eol: "\n", indent: 2, gap: 2, quote: '"'}
	s.unended = !bytes.HasSuffix(text, []byte{'\n'})
	if 2*bytes.Count(text, []byte("\r\n")) > bytes.Count(text, []byte{'\n'}) {
		s.eol = "\r\n"
	}
	if root.shape == flow && bytes.HasPrefix(bytes.TrimLeft(text[root.start+1:], " \t\r\n"), []byte{'"'}) {
		s.json = true
		s.wide = bytes.IndexByte(text[root.start:root.end], '\n') >= 0
		if s.wide && len(root.entries) > 0 {
			s.indent = max(1, column(text, root.entries[0].start)-column(text, root.start))
		}
		return s
	}
	var indents, dashes votes
	indents.count(root, func(child *node) bool { return !child.isList })
	dashes.count(root, func(child *node) bool { return child.isList })
	others(func(n *node) bool {
		if len(indents) == 0 {
			indents.count(n, func(child *node) bool { return !child.isList })
		}
		if len(dashes) == 0 {
			dashes.count(n, func(child *node) bool { return child.isList })
		}
		return len(indents) > 0 && len(dashes) > 0
	})
	s.indent = indents.winner(2)
	s.dash = dashes.winner(0)
	if single, double := quotes(text, root); single > double {
		s.quote = '\''
	}
	return s
}

// column is how far into its line an offset is.
func column(text []byte, i int) int { return i - bytes.LastIndexByte(text[:i], '\n') - 1 }

// votes count by how much children are indented.
type votes map[int]int

func (v *votes) count(n *node, wanted func(*node) bool) {
	for i := range n.entries {
		child := n.entries[i].value
		if n.shape == block && !n.isList && child.shape == block && wanted(child) {
			if *v == nil {
				*v = votes{}
			}
			(*v)[child.column-n.column]++
		}
		v.count(child, wanted)
	}
}

// winner is what most do, and the smaller of two.
func (v votes) winner(none int) int {
	best := none
	for indent, n := range v {
		if n > v[best] || n == v[best] && indent < best {
			best = indent
		}
	}
	return best
}

// quotes counts the texts in single and double quotes.
func quotes(text []byte, n *node) (single, double int) {
	if n.shape == scalar {
		switch text[n.start] {
		case '\'':
			return 1, 0
		case '"':
			return 0, 1
		}
	}
	for i := range n.entries {
		s, d := quotes(text, n.entries[i].value)
		single, double = single+s, double+d
	}
	return single, double
}

// spaces is an indentation.
func spaces(n int) string { return strings.Repeat(" ", n) }
