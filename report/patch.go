package report

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// patchMost is how many lines of a patch are shown to people.
const patchMost = 40

// patchLines are what a finding's edits would change, as a diff without the lines around: each run of lines behind its
// place.
func patchLines(x validate.Finding) []string {
	var all []string
	for _, h := range x.Patch {
		all = append(all, position(validate.Place{File: h.File, Line: h.Line}))
		for _, side := range []struct{ sign, text string }{{"- ", h.Old}, {"+ ", h.New}} {
			for line := range strings.Lines(side.text) {
				all = append(all, side.sign+clean(strings.TrimRight(line, "\r\n")))
			}
		}
	}
	if left := len(all) - patchMost; left > 0 {
		all = append(all[:patchMost], fmt.Sprintf("and %s (-o json shows them)", plural(left, "more line", "more lines")))
	}
	return all
}

// patch writes what would mend a finding. Its lines are the file's, and are not broken.
func (p *printer) patch(x validate.Finding) {
	label := "patch"
	if x.Safe {
		label = "--fix makes"
	}
	for _, line := range patchLines(x) {
		style := map[byte]string{'-': red, '+': green}[line[0]]
		p.line("  " + pad(label, len("what happens ")) + " " + p.styled(style, line))
		label = ""
	}
}
