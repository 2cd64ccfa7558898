package istiod

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// TestModelReported follows the requests of the reported faults (validate/testdata/cases) whose target is a current Istio,
// in the faulty bundle and in the mended one, without the objects that Istio refuses.
func TestModelReported(t *testing.T) {
	files, err := filepath.Glob("../../validate/testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	current := regexp.MustCompile(`(?m)^target: istio-1\.3`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(string(data), "-- bad.yaml --\n")
		bad, good, found := strings.Cut(rest, "-- good.yaml --\n")
		if !found {
			t.Errorf("%s: no bad.yaml and good.yaml", file)
		}
		if !current.MatchString(head) {
			continue
		}
		for name, text := range map[string]string{"bad": bad, "good": good} {
			b, err := judge.Parse(name, []byte(text))
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			result, err := model.Compare(walker, accepted(b), "", requestsIn(t, head))
			writtenTally.Add(result, err)
			if err != nil || len(result.Differences) > 0 {
				t.Errorf("%s %s: %v\n%s", file, name, err, strings.Join(result.Differences, "\n"))
			}
		}
	}
}

// accepted are the objects that Istio's validation does not refuse.
func accepted(b *judge.Bundle) *judge.Bundle {
	refused := map[string]bool{}
	for _, f := range judge.Refusals(judge.Validate(b)) {
		refused[f.Object] = true
	}
	kept := &judge.Bundle{}
	for _, o := range b.Objects {
		if !refused[o.String()] {
			kept.Objects = append(kept.Objects, o)
		}
	}
	return kept
}

// requestsIn are those of a case's head: FROM [METHOD] URL [NAME=VALUE]...
func requestsIn(t *testing.T, head string) []judge.Request {
	t.Helper()
	var all []judge.Request
	for line := range strings.Lines(head) {
		text, ok := strings.CutPrefix(line, "request: ")
		if !ok {
			continue
		}
		words := strings.Fields(text)
		r := judge.Request{From: words[0]}
		for _, w := range words[1:] {
			name, value, option := strings.Cut(w, "=")
			switch {
			case strings.Contains(w, "://"):
				r.To = w
			case !option:
				r.Method = w
			case name == "server":
				r.Server = value
			case name == "sni":
				r.SNI = value
			case name == "host":
				r.Host = value
			case name == "credential":
				r.Credential = value
			default:
				t.Errorf("request %q: unknown option %q", text, name)
			}
		}
		all = append(all, r)
	}
	return all
}
