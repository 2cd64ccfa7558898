package report

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

var githubCommands = map[validate.Severity]string{validate.Error: "error", validate.Warning: "warning", validate.Info: "notice"}

// In workflow commands, data ends with the line, and a property besides at a comma or a colon.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub writes findings as workflow commands of GitHub Actions, one a line, which become annotations of the files. The
// gravest come first, because GitHub shows only some of a step's. Without findings it writes nothing.
func GitHub(w io.Writer, f Findings, _ Options) error {
	var out strings.Builder
	for _, x := range f.byGravity() {
		properties := []string{}
		add := func(key, value string) { properties = append(properties, key+"="+githubProperty.Replace(clean(value))) }
		if x.File != "" {
			add("file", f.path(x.File))
			if x.Line > 0 {
				add("line", strconv.Itoa(x.Line))
			}
			if x.Line > 0 && x.Column > 0 {
				add("col", strconv.Itoa(x.Column))
			}
		}
		add("title", strings.TrimSpace(x.Rule+" "+x.Name))
		text := paragraphs(x)
		for _, r := range x.Related {
			text = append(text, "See also: "+sentence(relatedPlace(r)))
		}
		out.WriteString("::" + cmp.Or(githubCommands[x.Severity], "notice") + " " + strings.Join(properties, ",") +
			"::" + githubData.Replace(strings.Join(text, "\n")) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}
