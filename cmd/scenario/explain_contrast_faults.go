package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/veil"
)

// stoppedSidecars is the error of sidecars that do not start with what they are told, whose faults it says in full.
func stoppedSidecars(w io.Writer, all []contrastSidecar) error {
	stopped, becomes := 0, ""
	for _, c := range all {
		if c.Faults.Crash() {
			writeFaults(w, c)
			stopped++
			becomes = c.Generation.Stopped()
		}
	}
	switch {
	case stopped == 0:
		return nil
	case len(all) > 1:
		becomes = fmt.Sprintf("%d of %d sidecars: %s", stopped, len(all), becomes)
	}
	return input(errors.New(becomes))
}

// writeFaults shows each fault in its string, and how to mend it.
func writeFaults(w io.Writer, c contrastSidecar) {
	for _, f := range c.Faults {
		what := ""
		if f.Entry >= 0 {
			what = fmt.Sprintf("entry %d: ", f.Entry+1)
		}
		fmt.Fprintf(w, "%s: %s%s: %s\n", oneLine(c.where(f.Field)), what, oneLine(veil.Draw(f.What)), oneLine(f.Why))
		text := map[contrast.Field]string{contrast.InIngress: c.Strings.Ingress, contrast.InEgress: c.Strings.Egress, contrast.InAdminPort: c.Strings.AdminPort}[f.Field]
		if shown, under, ok := underline(text, f.Offset, f.Length); ok {
			fmt.Fprintf(w, "    %s\n    %s\n", shown, under)
		}
		fmt.Fprintf(w, "    %s\n", oneLine(f.Fix))
	}
}

// underline is a string as it can be shown on a line, and carets under a part of it. A string that may hold a key is not
// shown.
func underline(text string, offset, length int) (shown, under string, ok bool) {
	if veil.Draw(text) != text {
		return "", "", false
	}
	const around = 50 // characters before and after the part, of longer strings
	before, part, after := plain(text[:offset]), plain(text[offset:offset+length]), plain(text[offset+length:])
	if n := utf8.RuneCountInString(before); n > around {
		before = "…" + string([]rune(before)[n-around:])
	}
	if n := utf8.RuneCountInString(after); n > around {
		after = string([]rune(after)[:around]) + "…"
	}
	carets := strings.Repeat("^", max(1, utf8.RuneCountInString(part)))
	return before + part + after, strings.Repeat(" ", utf8.RuneCountInString(before)) + carets, true
}

// plain writes what cannot be shown as Go does, and all else as it is.
func plain(text string) string {
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
