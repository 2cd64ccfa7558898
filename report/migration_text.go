package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshscenario/scenario/migrate"
)

// mostPlaces is how many places one sentence of text names.
const mostPlaces = 6

// MigrationText writes a report for people: what there is to decide first, then what changed in its meaning. What was
// dropped and mapped is only counted, unless the options are verbose.
func MigrationText(w io.Writer, r *migrate.Result, o Options) error {
	width := max(o.Width, Narrowest)
	if o.Width == 0 {
		width = 80
	}
	var out strings.Builder
	var parts []string
	for _, class := range migrate.Classes {
		parts = append(parts, fmt.Sprintf("%d %s", count(r.Entries, class), classWords[class]))
	}
	head := fmt.Sprintf("from %s to %s: %s are written; of what was there, %s", r.From.Name, r.To.Name, amount(r), strings.Join(parts, ", "))
	lines(&out, "", head, width)
	for _, class := range migrate.Classes {
		list := groups(r.Entries, class)
		if len(list) == 0 || !o.Verbose && (class == migrate.Dropped || class == migrate.Mapped) {
			continue
		}
		fmt.Fprintf(&out, "\n%s\n", classWords[class])
		for _, g := range list {
			migrationEntry(&out, g, width, o.Verbose)
		}
	}
	if len(r.Releases) == 0 { // values tell of no request
		out.WriteString("\n")
		migrationPaths(&out, r, width)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func migrationEntry(out *strings.Builder, g *migrated, width int, verbose bool) {
	for i, e := range g.where {
		if i == mostPlaces && !verbose {
			fmt.Fprintf(out, "  and %d more\n", len(g.where)-i)
			break
		}
		text := of(e)
		if at := e.At.String(); at != "" {
			text = at + ": " + text
		}
		if len(g.where) > 1 && e.Became != "" {
			text += " → " + e.Became
		}
		lines(out, "  ", text, width)
	}
	if len(g.where) == 1 && g.Became != "" {
		labelled(out, "became", g.Became, width)
	}
	if g.Says != "" {
		labelled(out, "", g.Says, width)
	}
	if g.Do != "" {
		labelled(out, "do", g.Do, width)
	}
}

// labelled writes a text beside its label.
func labelled(out *strings.Builder, label, text string, width int) {
	const in = 12
	for i, line := range wrap(text, width-in) {
		if i > 0 {
			label = ""
		}
		out.WriteString("    " + pad(label, in-4) + line + "\n")
	}
}

func lines(out *strings.Builder, in, text string, width int) {
	for i, line := range wrap(text, width-len(in)) {
		if i > 0 {
			line = "  " + line
		}
		out.WriteString(in + line + "\n")
	}
}

// migrationPaths tells which requests go another way.
func migrationPaths(out *strings.Builder, r *migrate.Result, width int) {
	if r.Requests == 0 {
		lines(out, "", "the files tell of no request, so none was followed through both meshes", width)
		return
	}
	n := moved(r)
	lines(out, "", fmt.Sprintf("%s followed through both meshes, hop by hop: %d as before, %d not", plural(r.Requests, "request was", "requests were"), r.Requests-n, n), width)
	last := ""
	for i, d := range r.Differences {
		name := d.Request.From + " to " + d.Request.To
		if name != last {
			last = name
			lines(out, "  ", name, width)
		}
		labelled(out, "", difference(d), width)
		if next := i + 1; next == len(r.Differences) || r.Differences[next].Because != d.Because || r.Differences[next].Request.From+" to "+r.Differences[next].Request.To != name {
			labelled(out, "because", reason(d), width)
		}
	}
}

func difference(d migrate.Difference) string {
	at := ""
	if d.Hop > 0 {
		at = fmt.Sprintf("hop %d, ", d.Hop)
	}
	return fmt.Sprintf("%s%s: %s → %s", at, d.What, orNothing(d.Before), orNothing(d.After))
}

func orNothing(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func reason(d migrate.Difference) string {
	if d.Because == nil {
		return "(nothing above tells why: look at it before you move)"
	}
	return of(*d.Because)
}
