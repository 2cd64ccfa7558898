package rules

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// TestCatalogue holds the list, the archives and what a rule must have against each other.
func TestCatalogue(t *testing.T) {
	id := regexp.MustCompile(`^MSH[0-9]{3}$`)
	seen, names := map[string]bool{}, map[string]bool{}
	for i, r := range All {
		switch {
		case !id.MatchString(r.ID):
			t.Errorf("%q: want MSH and three digits", r.ID)
		case seen[r.ID] || names[r.Name]:
			t.Errorf("%s %s: twice", r.ID, r.Name)
		case slices.Contains(Retired, r.ID):
			t.Errorf("%s: retired", r.ID)
		case i > 0 && All[i-1].ID > r.ID:
			t.Errorf("%s comes behind %s", r.ID, All[i-1].ID)
		}
		seen[r.ID], names[r.Name] = true, true
		if r.Name == "" || r.Title == "" || r.Category == "" || !slices.Contains(validate.Severities, r.Severity) {
			t.Errorf("%s: name %q, title %q, category %q, severity %q: none may be empty", r.ID, r.Name, r.Title, r.Category, r.Severity)
		}
		if checks := r.Check != nil || r.Explain != nil; checks == (r.Missing != "") {
			t.Errorf("%s: checks something (%v), or says why not (%q)", r.ID, checks, r.Missing)
		}
		if (r.Explain != nil) != (len(r.Of) > 0) {
			t.Errorf("%s: Explain and Of go together", r.ID)
		}
		a, err := Archive(r.ID)
		if err != nil {
			t.Error(err)
			continue
		}
		archive := txtar.Parse(a)
		if len(strings.TrimSpace(string(archive.Comment))) < 60 {
			t.Errorf("%s.txtar: too little prose: %q", r.ID, archive.Comment)
		}
		bad, good := 0, 0
		for _, f := range archive.Files {
			switch {
			case strings.HasPrefix(f.Name, "bad"):
				bad++
				if !strings.Contains(string(f.Data), "# want "+r.ID) {
					t.Errorf("%s.txtar: %s does not want it", r.ID, f.Name)
				}
			case strings.HasPrefix(f.Name, "good"):
				good++
			default:
				t.Errorf("%s.txtar: %s is neither bad nor good", r.ID, f.Name)
			}
		}
		if r.Missing == "" && (bad == 0 || good == 0) {
			t.Errorf("%s.txtar: %d bad examples, %d good ones", r.ID, bad, good)
		}
	}
	files, err := fs.Glob(archives, "*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[strings.TrimSuffix(f, ".txtar")] {
			t.Errorf("%s has no rule", f)
		}
	}
}

// TestArchives runs all rules over all examples: what is marked is found, and at error or warning nothing else is.
func TestArchives(t *testing.T) {
	for _, r := range All {
		a, err := Archive(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(a).Files {
			t.Run(r.ID+"/"+f.Name, func(t *testing.T) { checkExample(t, f) })
		}
	}
}

func checkExample(t *testing.T, f txtar.File) {
	f = filled(t, f)
	b, err := bundle.Read(f.Name, bytes.NewReader(f.Data))
	if err != nil {
		t.Fatal(err)
	}
	options, wants := readExample(t, f)
	result, err := validate.Run(b, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range result.Findings {
		at := fmt.Sprintf("%d %s", found.Line, found.Rule)
		if i := slices.Index(wants, at); i >= 0 {
			wants = slices.Delete(wants, i, i+1)
		} else if found.Severity != validate.Info {
			t.Errorf("%s:%d:%d: %s %s: %s: %s", f.Name, found.Line, found.Column, found.Severity, found.Rule, found.Object, found.Message)
		}
		for _, text := range []string{found.Message, found.Consequence, found.Fix} {
			if strings.HasSuffix(text, ".") || strings.Contains(text, "%!") || strings.Contains(text, "  ") {
				t.Errorf("%s: wording: %q", found.Rule, text)
			}
		}
		if found.Message == "" || found.Fix == "" {
			t.Errorf("%s: message %q, fix %q", found.Rule, found.Message, found.Fix)
		}
	}
	if len(wants) > 0 {
		t.Errorf("%s: not found: line %s", f.Name, strings.Join(wants, ", line "))
		for _, p := range result.Paths {
			for _, w := range p.Ways() {
				t.Logf("%s to %s: %s (%s): %s", p.Request.From, p.Request.To, w.Outcome.Code, w.Outcome.Cause, w.Outcome.Reason)
			}
		}
	}
}

// readExample takes out of an example's comments its target, requests of its own, whether what is not there is missing, and the
// marks.
func readExample(t *testing.T, f txtar.File) (validate.Options, []string) {
	t.Helper()
	o := validate.Options{Rules: All, Now: time.Now(), CertMinDays: 30}
	target := "istio-1.31"
	var wants []string
	for i, line := range strings.Split(string(f.Data), "\n") {
		if rest, ok := strings.CutPrefix(line, "# target: "); ok {
			target = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "# request: "); ok {
			from, to, found := strings.Cut(strings.TrimSpace(rest), " ")
			if !found {
				t.Fatalf("%s:%d: want FROM and URL", f.Name, i+1)
			}
			o.Requests = append(o.Requests, traffic.Request{From: from, To: to})
		}
		o.Strict = o.Strict || line == "# strict"
		if _, marks, ok := strings.Cut(line, "# want "); ok {
			for _, id := range strings.Fields(marks) {
				wants = append(wants, fmt.Sprintf("%d %s", i+1, id))
			}
		}
	}
	var known bool
	if o.Target, known = mesh.Lookup(target); !known {
		t.Fatalf("%s: unknown target %q", f.Name, target)
	}
	return o, wants
}
