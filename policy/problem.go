package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/nearest"
)

// A Problem is one thing wrong with a policy: with how it is written, or with how an expression ended.
type Problem struct {
	// At is where the policy has it: in an expression, the character.
	At bundle.Position
	// Rule is the ID of the rule, or "" where there is none yet.
	Rule string
	// Object or request says what was looked at when an expression failed, such as "ServiceEntry shop/ext
	// (bundle.yaml:12:1)"; it is "" for what is wrong with any data.
	On string
	// Field is the field of the rule or of the document.
	Field string
	Text  string
	Hint  string // what to do next, or ""
	// Excerpt is the line of the expression, and below it a caret at the character; or "".
	Excerpt string
}

// Error is one line: place, rule, what was looked at, field and reason.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(printable(p.At.String()) + ": ")
	if p.Rule != "" {
		b.WriteString("rule " + p.Rule + ": ")
	}
	for _, s := range []string{p.On, p.Field} {
		if s != "" {
			b.WriteString(printable(s) + ": ")
		}
	}
	b.WriteString(p.Text)
	return b.String()
}

// printable quotes what would break a line or a terminal.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// quote shows a text of the user's, cut where it is long.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strconv.Quote(s)
}

// meant is a hint that names the value that was probably meant, or all of them.
func meant(what, got string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	all := what + " can be " + strings.Join(values, ", ")
	if n := nearest.Of(got, values); n != "" {
		return fmt.Sprintf("did you mean %s? %s", n, all)
	}
	return all
}
