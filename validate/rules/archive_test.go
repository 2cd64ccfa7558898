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
			marks := string(f.Data)
			if other, ok := peerFile(archive, f.Name); ok {
				marks += string(other.Data)
			}
			switch {
			case isPeer(f.Name):
			case strings.HasPrefix(f.Name, "bad"):
				bad++
				if !strings.Contains(marks, "# want "+r.ID) {
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
		archive := txtar.Parse(a)
		for _, f := range archive.Files {
			if !isPeer(f.Name) {
				t.Run(r.ID+"/"+f.Name, func(t *testing.T) { checkExample(t, example(t, archive, f)) })
			}
		}
	}
}

// The other mesh of an example X.yaml is X.peer.yaml, where there is one: validate is given both.
func isPeer(name string) bool { return strings.HasSuffix(name, ".peer.yaml") }

func peerFile(archive *txtar.Archive, name string) (txtar.File, bool) {
	for _, f := range archive.Files {
		if f.Name == strings.TrimSuffix(name, ".yaml")+".peer.yaml" {
			return f, true
		}
	}
	return txtar.File{}, false
}

// An exampleFiles is an example: a file, and perhaps another mesh's.
type exampleFiles struct {
	txtar.File
	peer *txtar.File
}

// example is a file with its peer, with material in the place of placeholders: a name is the same in both.
func example(t *testing.T, archive *txtar.Archive, f txtar.File) exampleFiles {
	t.Helper()
	other, ok := peerFile(archive, f.Name)
	if !ok {
		return exampleFiles{filled(t, f), nil}
	}
	const border = "\n# the other mesh\n"
	both := filled(t, txtar.File{Name: f.Name, Data: slices.Concat(f.Data, []byte(border), other.Data)})
	own, theirs, _ := bytes.Cut(both.Data, []byte(border))
	return exampleFiles{txtar.File{Name: f.Name, Data: own}, &txtar.File{Name: other.Name, Data: theirs}}
}

func checkExample(t *testing.T, f exampleFiles) {
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
		at := fmt.Sprintf("%s:%d %s", found.File, found.Line, found.Rule)
		if i := slices.Index(wants, at); i >= 0 {
			wants = slices.Delete(wants, i, i+1)
		} else if found.Severity != validate.Info {
			t.Errorf("%s:%d:%d: %s %s: %s: %s", found.File, found.Line, found.Column, found.Severity, found.Rule, found.Object, found.Message)
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
		t.Errorf("%s: not found: %s", f.Name, strings.Join(wants, ", "))
		for _, p := range result.Paths {
			for _, w := range p.Ways() {
				t.Logf("%s to %s: %s (%s): %s", p.Request.From, p.Request.To, w.Outcome.Code, w.Outcome.Cause, w.Outcome.Reason)
			}
		}
	}
}

// readExample takes out of an example's comments its target, requests of its own, whether what is not there is missing, and the
// marks.
func readExample(t *testing.T, f exampleFiles) (validate.Options, []string) {
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
				wants = append(wants, fmt.Sprintf("%s:%d %s", f.Name, i+1, id))
			}
		}
	}
	if f.peer != nil {
		b, err := bundle.Read(f.peer.Name, bytes.NewReader(f.peer.Data))
		if err != nil {
			t.Fatal(err)
		}
		o.Peer = b
		_, theirs := readExample(t, exampleFiles{File: *f.peer})
		wants = append(wants, theirs...)
	}
	var known bool
	if o.Target, known = mesh.Lookup(target); !known {
		t.Fatalf("%s: unknown target %q", f.Name, target)
	}
	return o, wants
}
