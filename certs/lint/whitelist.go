package lint

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// whitelist looks at the regular expression that names must match.
func (l *linter) whitelist(p profile) {
	text := p.str("name_whitelist")
	if text == "" {
		return
	}
	at := p.get("name_whitelist")
	if _, err := regexp.Compile(text); err != nil {
		l.refuse("bad-whitelist", at, fmt.Sprintf("the name_whitelist of %s is no regular expression: %s", p, strings.TrimPrefix(err.Error(), "error parsing regexp: ")), "Mend the expression; \\ is written \\\\ in JSON")
		return
	}
	re, err := syntax.Parse(text, syntax.Perl)
	if err == nil && !(anchored(re, syntax.OpBeginText, 0) && anchored(re, syntax.OpEndText, -1)) {
		l.add(Warning, "loose-whitelist", at, fmt.Sprintf("the name_whitelist of %s matches parts of names", p),
			"cfssl looks for it anywhere: what lets in shop.example lets in shop.example.attacker.test too", "Begin it with ^ and end it with $, around all of its alternatives")
	}
}

// anchored says whether every match of an expression is at that end of the text: what stands first or, as -1, last in it.
func anchored(re *syntax.Regexp, op syntax.Op, end int) bool {
	switch re.Op {
	case op:
		return true
	case syntax.OpCapture:
		return anchored(re.Sub[0], op, end)
	case syntax.OpConcat:
		return anchored(re.Sub[(end+len(re.Sub))%len(re.Sub)], op, end)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !anchored(sub, op, end) {
				return false
			}
		}
		return true
	}
	return false
}
