package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// A Position is where a value was written: a place in a file, or a flag.
type Position struct {
	File         string // empty for a flag
	Line, Column int    // from 1; 0 when the file is meant as a whole
	Flag         string // such as "--host"
}

// String writes the position as compilers do, or names the flag.
func (p Position) String() string {
	switch {
	case p.File == "":
		return p.Flag
	case p.Line == 0:
		return printable(p.File)
	default:
		return fmt.Sprintf("%s:%d:%d", printable(p.File), p.Line, p.Column)
	}
}

// IsFlag tells whether the value came from the command line.
func (p Position) IsFlag() bool { return p.File == "" }

// A Problem is one thing wrong with what the user wrote.
type Problem struct {
	At   Position
	Path string // the field, such as "spec.service.port"; may be empty
	Text string
	Hint string // what to do next; may be empty
}

// Error writes place, field and reason.
func (p *Problem) Error() string {
	s := p.Text
	if p.Path != "" {
		s = printable(p.Path) + ": " + s
	}
	if at := p.At.String(); at != "" {
		s = at + ": " + s
	}
	return s
}

// A Refusal says that a scenario cannot be had as asked, why, and what comes nearest.
type Refusal struct {
	At     Position
	Reason string
	Hint   string // the nearest thing that works
}

// Error writes place and reason.
func (r *Refusal) Error() string {
	if at := r.At.String(); at != "" && !r.At.IsFlag() {
		return at + ": " + r.Reason
	}
	return r.Reason
}

// printable quotes what would break a line or a terminal.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
