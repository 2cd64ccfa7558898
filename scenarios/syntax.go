package scenarios

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	yamlLine    = regexp.MustCompile(`line (\d+): `)
	yamlAnchor  = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	parserError = regexp.MustCompile(`did not find expected|found a tab character that violates|found unexpected|while parsing`)
)

// syntaxProblem gives an error of the YAML library its place. The library names lines of its scanner from 1 and of its
// parser from 0, the first line of the parser not at all, and never a column: the first character of the line is given,
// or the tab in its indentation, which is the usual reason.
func syntaxProblem(err error, file string, data []byte) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	p := &Problem{At: Position{File: file, Line: 1, Column: 1}, Text: text}
	lines := bytes.Split(data, []byte("\n"))
	if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		for i, line := range lines {
			if at := bytes.Index(line, []byte("*"+m[1])); at >= 0 {
				p.At.Line, p.At.Column = i+1, at+1
				return p
			}
		}
	}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		p.Text = strings.Replace(text, m[0], "", 1)
		p.At.Line, _ = strconv.Atoi(m[1])
	} else {
		p.At.Line = 0
	}
	if parserError.MatchString(text) {
		p.At.Line++
	}
	p.At.Line = min(max(p.At.Line, 1), len(lines))
	line := lines[p.At.Line-1]
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	p.At.Column = len(indent) + 1
	isJSON := bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) || bytes.HasPrefix(bytes.TrimSpace(data), []byte("["))
	if tab := bytes.IndexByte(indent, '\t'); tab >= 0 && !isJSON {
		p.At.Column = tab + 1
		p.Hint = "YAML indents with spaces, not tabs"
	}
	return p
}

// unreadable finds bytes that no YAML may have, which the library reports without a place.
func unreadable(file string, data []byte) error {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return nil // UTF-16, which the library reads
	}
	line, start := 1, 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		what := ""
		switch {
		case r == utf8.RuneError && size == 1:
			what = fmt.Sprintf("byte %#x is not UTF-8", data[i])
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f:
			what = fmt.Sprintf("control character %#x", r)
		}
		if what != "" {
			return &Problem{At: Position{File: file, Line: line, Column: i - start + 1}, Text: what, Hint: "a definition is YAML or JSON text"}
		}
		i += size
		if r == '\n' {
			line, start = line+1, i
		}
	}
	return nil
}
