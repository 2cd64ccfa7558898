package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// Findings are what is wrong in a bundle, and what it was held against. Their order does not matter: every format has
// one of its own.
type Findings struct {
	Target  string // the target's name
	Version string // the program's
	// Rules are all that were run, whether they found something or not. A rule that only a finding names is added.
	Rules []RuleInfo
	// Files are all that were read, with or without a finding; "-" is stdin.
	Files    []string
	Findings []validate.Finding
	// Assumed says, a sentence each, what was counted on and is not in the files.
	Assumed []string
	// FailOn is the least severity that fails a test in formats that know only that; empty is [validate.Error].
	FailOn validate.Severity
	// Dir is the absolute folder that names of files begin at, and Root that of the repository. Formats for services
	// that show findings within a repository name files from there; where either is empty, as they were given.
	Dir, Root string
}

// RuleInfo is what reports tell of a rule.
type RuleInfo struct {
	ID       string
	Name     string
	Title    string // what is wrong where it finds something, in a line
	Help     string // why that is wrong and how to mend it, in paragraphs
	Severity validate.Severity
	Category validate.Category
}

// A FindingFormat is a way to write findings.
type FindingFormat struct {
	Name  string
	Write func(io.Writer, Findings, Options) error
}

// FindingFormats lists them, the default first.
var FindingFormats = []FindingFormat{
	{"text", FindingsText},
	{"json", FindingsJSON},
	{"sarif", SARIF},
	{"junit", JUnit},
	{"github", GitHub},
	{"gitlab", GitLab},
	{"markdown", Markdown},
}

// FindingNames lists the names of the formats of findings.
func FindingNames() []string {
	var names []string
	for _, f := range FindingFormats {
		names = append(names, f.Name)
	}
	return names
}

// byPlace are the findings as one meets them in the files.
func (f Findings) byPlace() []validate.Finding {
	all := slices.Clone(f.Findings)
	slices.SortStableFunc(all, comparePlaces)
	return all
}

// byGravity are the findings with the gravest first, for readers that do not show all.
func (f Findings) byGravity() []validate.Finding {
	all := slices.Clone(f.Findings)
	slices.SortStableFunc(all, func(a, b validate.Finding) int {
		return cmp.Or(compareGravity(a, b), comparePlaces(a, b))
	})
	return all
}

func compareGravity(a, b validate.Finding) int {
	return cmp.Compare(slices.Index(validate.Severities, a.Severity), slices.Index(validate.Severities, b.Severity))
}

func comparePlaces(a, b validate.Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), compareGravity(a, b),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object.String(), b.Object.String()), cmp.Compare(a.Field, b.Field),
		cmp.Compare(a.Message, b.Message), cmp.Compare(shownBy(a), shownBy(b)),
	)
}

// rules are all rules by ID, with those that only findings name.
func (f Findings) rules() []RuleInfo {
	all := slices.Clone(f.Rules)
	known := map[string]bool{}
	for _, r := range all {
		known[r.ID] = true
	}
	for _, x := range f.byGravity() {
		if !known[x.Rule] {
			known[x.Rule] = true
			all = append(all, RuleInfo{ID: x.Rule, Name: x.Name, Severity: x.Severity, Category: x.Category})
		}
	}
	slices.SortStableFunc(all, func(a, b RuleInfo) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// files are all files by name, with those that only findings name.
func (f Findings) files() []string {
	all := slices.Clone(f.Files)
	for _, x := range f.Findings {
		if x.File != "" {
			all = append(all, x.File)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// numbers are how many findings there are of each severity.
func (f Findings) numbers() map[validate.Severity]int {
	n := map[validate.Severity]int{}
	for _, x := range f.Findings {
		n[x.Severity]++
	}
	return n
}

// counts says how many findings there are of each severity, the gravest first: "2 errors, 1 warning".
func (f Findings) counts() string {
	n := f.numbers()
	var parts []string
	for _, s := range validate.Severities {
		if n[s] > 0 {
			parts = append(parts, plural(n[s], string(s), string(s)+"s"))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}

// scope says what was looked at.
func (f Findings) scope() string {
	var parts []string
	if n := len(f.files()); n > 0 {
		parts = append(parts, "in "+plural(n, "file", "files"))
	}
	if f.Target != "" {
		parts = append(parts, "on "+f.Target)
	}
	return strings.Join(parts, " ")
}

// subject says what is wrong with which object, on one line.
func subject(x validate.Finding) string {
	if o := objectName(x.Object); o != "" && !strings.HasPrefix(x.Message, o+" ") {
		return o + ": " + flat(x.Message)
	}
	return flat(x.Message)
}

// objectName is the name of an object for people, or "" where there is none.
func objectName(o validate.Object) string {
	if o == (validate.Object{}) {
		return ""
	}
	return flat(o.String())
}

// shownBy says which request shows a finding, or "".
func shownBy(x validate.Finding) string {
	var parts []string
	if x.Request != nil {
		parts = append(parts, x.Request.From+" to "+x.Request.To)
	}
	if x.Hop > 0 {
		parts = append(parts, fmt.Sprintf("hop %d", x.Hop))
	}
	text := strings.Join(parts, ", ")
	if x.Request != nil && x.Request.Others > 0 {
		text += "; and by " + plural(x.Request.Others, "more request", "more requests")
	}
	return flat(text)
}

// relatedPlace names a related object, with its field and place as far as they are known.
func relatedPlace(p validate.Place) string {
	text := objectName(p.Object)
	if p.Field != "" {
		text += ", " + flat(p.Field)
	}
	if at := position(p); at != "" {
		text += ", at " + at
	}
	return strings.TrimPrefix(text, ", ")
}

// paragraphs are what a finding says, in whole sentences.
func paragraphs(x validate.Finding) []string {
	all := []string{sentence(subject(x))}
	for _, part := range []struct{ label, text string }{
		{"What happens", x.Consequence}, {"Fix", x.Fix}, {"Shown by", shownBy(x)},
	} {
		if part.text != "" {
			all = append(all, part.label+": "+sentence(flat(part.text)))
		}
	}
	return all
}

// sentence ends a text as a sentence ends.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

// flat puts a text on one line, and makes it safe to print.
func flat(s string) string { return clean(strings.Join(strings.Fields(s), " ")) }
