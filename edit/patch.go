package edit

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/meshscenario/scenario/validate"
)

// Patch shows what a fix would change, if it alone were made; the plan stays as it is. The error is as of [Plan.Add].
func (p *Plan) Patch(edits []validate.Edit) ([]validate.Hunk, error) {
	alone := &Plan{objects: p.objects, files: map[string]*file{}, read: p.read, kept: p.kept}
	if err := alone.Add(edits)[0]; err != nil {
		return nil, err
	}
	var hunks []validate.Hunk
	for _, f := range alone.files {
		for _, part := range f.parts {
			hunks = append(hunks, hunksOf(f.name, part.line, part.text, part.now)...)
		}
		added, err := f.additions()
		if err != nil {
			return nil, err
		}
		end := 1 + bytes.Count(f.before, []byte{'\n'})
		if len(f.before) > 0 && f.before[len(f.before)-1] != '\n' {
			end++
		}
		for _, text := range added {
			hunks = append(hunks, validate.Hunk{File: f.name, Line: end, New: string(text)})
		}
	}
	return hunks, nil
}

var hunkHead = regexp.MustCompile(`^@@ -([0-9]+)`)

// hunksOf are the runs of lines that differ between two texts, of which the first begins at a line.
func hunksOf(name string, line int, before, after []byte) (hunks []validate.Hunk) {
	if bytes.Equal(before, after) {
		return nil
	}
	at, open := 0, false
	for text := range strings.Lines(string(diff.Diff("a", before, "b", after))) {
		switch m := hunkHead.FindStringSubmatch(text); {
		case m != nil:
			n, _ := strconv.Atoi(m[1])
			at, open = line+n-1, false
		case at == 0 || text[0] == '\\': // the head of the diff; no line break at the end
		case text[0] == ' ':
			at++
			open = false
		default:
			if !open {
				hunks, open = append(hunks, validate.Hunk{File: name, Line: at}), true
			}
			h := &hunks[len(hunks)-1]
			if text[0] == '-' {
				h.Old += text[1:]
				at++
			} else {
				h.New += text[1:]
			}
		}
	}
	return hunks
}
