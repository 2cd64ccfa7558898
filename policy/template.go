package policy

import "strings"

// A piece of a text is either words or an expression.
type piece struct {
	words  string
	source string // of the expression
	offset int    // of the expression in the text
}

// pieces cuts a text into words and what stands in ${…}. $${ is a ${ that is meant as it is. The offset of a brace that
// is never closed is the error, or -1.
func pieces(text string) (all []piece, open int) {
	var words strings.Builder
	flush := func() {
		if words.Len() > 0 {
			all = append(all, piece{words: words.String()})
			words.Reset()
		}
	}
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "$${"):
			words.WriteString("${")
			i += 3
		case strings.HasPrefix(text[i:], "${"):
			end := closing(text[i+2:])
			if end < 0 {
				return nil, i
			}
			flush()
			all = append(all, piece{source: text[i+2 : i+2+end], offset: i + 2})
			i += end + 3
		default:
			words.WriteByte(text[i])
			i++
		}
	}
	flush()
	return all, -1
}

// closing is where the brace is that ends an expression; those within it, and in its texts, come in pairs or do not count.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			end := i + 1
			for end < len(s) && s[end] != s[i] {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			i = end
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
