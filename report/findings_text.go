package report

import (
	"cmp"
	"io"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// FindingsText writes findings for people, in the order of their places. Each begins as compilers begin, so that editors
// jump to it,
//
//	file:line:column: severity rule: Kind namespace/name: message
//
// and goes on, set in, with what happens at run time, how to mend it, the request that shows it and the other objects
// that have to do with it. A line at the end counts them, and verbose options add what was assumed. No line is longer than
// the width, except one whose place alone is, and those of patches; no name is cut: what does not fit goes on in the next
// line.
func FindingsText(w io.Writer, f Findings, o Options) error {
	p := &printer{width: max(cmp.Or(o.Width, 80), Narrowest), color: o.Color}
	for _, x := range f.byPlace() {
		p.finding(x)
		p.line("")
	}
	p.labelled(0, "", f.counts()+" "+f.scope(), bold)
	if o.Verbose {
		for _, a := range f.Assumed {
			p.labelled(0, "assumed:", a, "")
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

// severityStyles are the colours of severities.
var severityStyles = map[validate.Severity]string{validate.Error: red, validate.Warning: "33", validate.Info: "36"}

func (p *printer) finding(x validate.Finding) {
	p.findingHead(x)
	p.under("field", unplacedField(x))
	p.under("what happens", flat(x.Consequence))
	p.under("fix", flat(x.Fix))
	p.patch(x)
	p.under("shown by", shownBy(x))
	label := "see also"
	for _, r := range x.Related {
		p.under(label, strings.Replace(relatedPlace(r), " ", bond, 1))
		label = ""
	}
}

// unplacedField is the field of a finding whose place does not lead to it.
func unplacedField(x validate.Finding) string {
	if x.Line > 0 {
		return ""
	}
	return flat(x.Field)
}

// findingHead writes the place, which is never broken, and what is wrong there.
func (p *printer) findingHead(x validate.Finding) {
	const in = 4
	at, what := position(x.Place), clean(string(x.Severity)+" "+x.Rule+":")
	first := p.styled(severityStyles[x.Severity], what)
	used := length(what)
	if at != "" {
		first = p.styled(bold, at+":") + " " + first
		used += length(at) + 2
	}
	text := flat(x.Message)
	if o := objectName(x.Object); o != "" && !strings.HasPrefix(text, o+" ") {
		text = strings.Replace(o, " ", bond, 1) + ": " + text
	}
	word, _, _ := strings.Cut(text, " ")
	left := p.width - used - 1
	if length(word) > left {
		p.line(first)
		p.labelled(in, "", text, "")
		return
	}
	lines := wrap(text, left)
	p.line(first + " " + lines[0])
	if rest := strings.TrimLeft(string([]rune(text)[length(lines[0]):]), " "+bond); rest != "" {
		p.labelled(in, "", rest, "")
	}
}

// under writes a text below a finding.
func (p *printer) under(label, text string) {
	if text != "" {
		p.labelled(2, pad(label, len("what happens ")), text, "")
	}
}
