package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// markdownMost is how many findings are written: GitHub takes no comment of more than 65,536 characters.
const markdownMost = 50

// Markdown writes findings for the comment on a merge request or the summary of a job: a heading with how many there
// are, a table with the gravest first, and folded below it what each says in full. Of more than 50 findings it writes
// the gravest, and how many are left out.
func Markdown(w io.Writer, f Findings, _ Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "### scenario: %s\n\n", f.counts())
	by := strings.Join(strings.Fields(f.scope()+" by "+toolName+" "+f.Version), " ")
	out.WriteString(markdownText(strings.ToUpper(by[:1])+by[1:]) + ".\n")
	all := f.byGravity()
	left := len(all) - markdownMost
	all = all[:min(len(all), markdownMost)]
	if len(all) > 0 {
		out.WriteString("\n| Severity | Rule | Where | What is wrong |\n|---|---|---|---|\n")
		for _, x := range all {
			at := ""
			if p := position(x.Place); p != "" {
				at = markdownCell(markdownCode(p))
			}
			what := markdownText(flat(x.Message))
			if o := objectName(x.Object); o != "" {
				what = markdownCell(markdownCode(o)) + ": " + what
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", x.Severity, markdownText(x.Rule), at, what)
		}
		if left > 0 {
			fmt.Fprintf(&out, "\nAnd %d more, none graver than these.\n", left)
		}
		var details strings.Builder
		for _, x := range all {
			markdownDetails(&details, x)
		}
		if details.Len() > 0 {
			out.WriteString("\n<details>\n<summary>What happens, and how to mend it</summary>\n" + details.String() + "\n</details>\n")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// markdownDetails writes a finding in full, if there is more to it than its line in the table.
func markdownDetails(out *strings.Builder, x validate.Finding) {
	var list strings.Builder
	for _, part := range []struct{ label, text string }{
		{"What happens", x.Consequence}, {"Fix", x.Fix}, {"Shown by", shownBy(x)},
	} {
		if part.text != "" {
			fmt.Fprintf(&list, "- **%s:** %s\n", part.label, markdownText(sentence(flat(part.text))))
		}
	}
	for _, r := range x.Related {
		fmt.Fprintf(&list, "- **See also:** %s\n", markdownCode(cmp.Or(relatedPlace(r), noFile)))
	}
	if list.Len() == 0 {
		return
	}
	what := markdownText(sentence(flat(x.Message)))
	for _, name := range []string{objectName(x.Object), position(x.Place)} {
		if name != "" {
			what = markdownCode(name) + ": " + what
		}
	}
	fmt.Fprintf(out, "\n#### %s\n\n%s\n\n%s", markdownText(strings.TrimSpace(x.Rule+" "+x.Name)), what, list.String())
	if patch := strings.Join(patchLines(x), "\n"); patch != "" {
		fence := "```"
		for strings.Contains(patch, fence) {
			fence += "`"
		}
		fmt.Fprintf(out, "\n%sdiff\n%s\n%s\n", fence, patch, fence)
	}
}

// markdownText makes a text mean nothing but itself.
func markdownText(s string) string {
	return strings.NewReplacer(
		"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "~", "\\~", "|", "\\|", "#", "\\#",
		"&", "&amp;", "<", "&lt;", ">", "&gt;",
	).Replace(clean(s))
}

// markdownCode puts a text between more backquotes than it has in a row.
func markdownCode(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// markdownCell keeps code from ending a cell of a table, where a bar counts even within code.
func markdownCell(code string) string { return strings.ReplaceAll(code, "|", "\\|") }
