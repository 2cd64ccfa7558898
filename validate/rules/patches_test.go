package rules

import (
	"bytes"
	_ "embed"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	edits "github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/validate"
)

// unpatched has a line for each rule that offers no edits in its examples: its ID, and why not.
//
//go:embed unpatched.txt
var unpatched string

// TestPatches applies the edits that are offered for what is marked in bad examples, safe ones or not: that finding is gone,
// and nothing at error or warning has come in its place. A rule that never offers any says why.
func TestPatches(t *testing.T) {
	reasons := map[string]string{}
	for line := range strings.Lines(unpatched) {
		id, reason, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if reasons[id] != "" || strings.TrimSpace(reason) == "" {
			t.Errorf("unpatched.txt: %q: want an ID, two spaces and a reason, once", line)
		}
		reasons[id] = reason
	}
	for _, r := range All {
		if r.Missing != "" {
			continue
		}
		a, err := Archive(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		offered := false
		archive := txtar.Parse(a)
		for _, f := range archive.Files {
			if strings.HasPrefix(f.Name, "bad") && !isPeer(f.Name) {
				t.Run(r.ID+"/"+f.Name, func(t *testing.T) { offered = patch(t, r.ID, example(t, archive, f)) || offered })
			}
		}
		switch _, listed := reasons[r.ID]; {
		case !offered && !listed:
			t.Errorf("%s: no bad example has edits: offer them, or say in unpatched.txt why there are none", r.ID)
		case offered && listed:
			t.Errorf("%s: offers edits, so take it out of unpatched.txt", r.ID)
		}
		delete(reasons, r.ID)
	}
	for id := range reasons {
		t.Errorf("unpatched.txt: %s is no rule that checks", id)
	}
}

// patch tries each finding's edits on an example, and says whether there were any.
func patch(t *testing.T, id string, f exampleFiles) (offered bool) {
	t.Helper()
	options, _ := readExample(t, f)
	run := func(text []byte) validate.Result {
		b, err := bundle.Read(f.Name, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		result, err := validate.Run(b, options)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	before := run(f.Data)
	for _, one := range before.Findings {
		if one.Rule != id || len(one.Edits) == 0 {
			continue
		}
		offered = true
		text, err := edits.Text(f.Name, f.Data, one.Edits)
		if err != nil {
			t.Errorf("%v: %v", one.Edits, err)
			continue
		}
		after := run(text)
		was, wasGrave := count(before, id)
		is, isGrave := count(after, id)
		if one.Severity != validate.Info {
			wasGrave--
		}
		if is >= was || isGrave > wasGrave {
			t.Errorf("%s: found %d times before and %d after; %d other grave ones before, %d after:", one.Message, was, is, wasGrave, isGrave)
			for _, left := range after.Findings {
				t.Logf("%d: %s %s: %s", left.Line, left.Severity, left.Rule, left.Message)
			}
			t.Logf("%s", text)
		}
	}
	return offered
}

// count is how often a rule speaks, and how much is found at error and warning in all.
func count(r validate.Result, id string) (own, grave int) {
	for _, f := range r.Findings {
		if f.Rule == id {
			own++
		}
		if f.Severity != validate.Info {
			grave++
		}
	}
	return own, grave
}
