package waive

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/nearest"
)

// Annotation waives findings about the object that carries it; findings about other objects to which it is merely
// related stay, for they may concern other people.
//
// Its value is one or more of "ID=reason", or "ID,ID=reason", with semicolons or line ends between them and any spaces:
//
//	meshscenario.io/ignore: "MSH313=the partner knows; MSH204=until the new gateway is there"
//
// A reason goes on up to the next part that begins as a waiver does, so it may hold semicolons itself.
const Annotation = "meshscenario.io/ignore"

// A clause is one waiver of an annotation.
type clause struct{ rule, reason string }

// begins is how a clause begins: with IDs and an equals sign, or with an ID of ours that lacks one.
var begins = regexp.MustCompile(`^(?:([A-Za-z][\w.-]*(?:\s*,\s*[A-Za-z][\w.-]*)*)\s*=|((?i:msh)\d{3}\b)\s*:?)`)

// clauses reads an annotation, and says what is wrong with it, each problem once.
func clauses(text string, known []string) (all []clause, problems []string) {
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	type part struct{ ids, reason string }
	var parts []part
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		piece = strings.TrimSpace(piece)
		m := begins.FindStringSubmatch(piece)
		switch {
		case piece == "":
		case m != nil && m[1] != "":
			parts = append(parts, part{m[1], strings.TrimSpace(piece[len(m[0]):])})
		case m != nil:
			complain("%q has no equals sign and reason: write %s=why", piece, m[2])
			parts = append(parts, part{})
		case len(parts) == 0:
			complain("%q does not name a rule: write MSH000=why", piece)
			parts = append(parts, part{})
		default:
			last := &parts[len(parts)-1]
			last.reason = strings.TrimSpace(last.reason + "; " + piece)
		}
	}
	if len(parts) == 0 {
		complain("it is empty: write MSH000=why, or remove it")
	}
	for _, p := range parts {
		for id := range strings.SplitSeq(p.ids, ",") {
			id = strings.TrimSpace(id)
			switch why := unknown(id, known); {
			case p.ids == "":
			case why != "":
				complain("%s", why)
			case strings.Trim(p.reason, " ;\"'") == "":
				complain("%s has no reason: write %s=why", id, id)
			default:
				all = append(all, clause{id, p.reason})
			}
		}
	}
	return all, problems
}

// unknown says why an ID is none of a rule that can be waived, or "".
func unknown(id string, known []string) string {
	switch {
	case id == Bad:
		return Bad + " cannot be waived: mend the waiver"
	case id == Unused || slices.Contains(known, id):
		return ""
	}
	if n := nearest.Of(id, known); n != "" {
		return fmt.Sprintf("there is no rule %s: did you mean %s?", id, n)
	}
	return fmt.Sprintf("there is no rule %s", id)
}
