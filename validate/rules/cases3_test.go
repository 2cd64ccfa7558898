package rules

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// hinted are the cases of which the files cannot prove the fault: it is found at info.
var hinted = map[string]bool{"invented-host": true}

// TestReportedOutbound runs all rules over the reported faults of this family: of the faulty bundle the rule finds the
// fault at the object that the report is about, and the mended one has nothing above info.
func TestReportedOutbound(t *testing.T) {
	files, err := filepath.Glob("../testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, head, _ := strings.Cut(string(a.Comment), "\n\n")
		header := map[string]string{}
		var requests []traffic.Request
		for line := range strings.Lines(head) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			header[key] = value
			if words := strings.Fields(value); key == "request" && strings.Contains(words[1], "://") {
				requests = append(requests, traffic.Request{From: words[0], To: words[1]})
			}
		}
		if header["rule"] != "MSH103" && !strings.HasPrefix(header["rule"], "MSH3") {
			continue
		}
		ran++
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			target, ok := mesh.Lookup(header["target"])
			if !ok {
				t.Fatalf("unknown target %q", header["target"])
			}
			for _, f := range a.Files {
				b, err := bundle.Read(f.Name, bytes.NewReader(f.Data))
				if err != nil {
					t.Fatal(err)
				}
				result, err := validate.Run(b, validate.Options{Target: target, Requests: requests, Rules: All})
				if err != nil {
					t.Fatal(err)
				}
				found := false
				for _, at := range result.Findings {
					mine := at.Rule == header["rule"] && at.Object.String() == header["object"]
					found = found || mine && (string(at.Severity) == header["outcome"] || hinted[name])
					if !mine && at.Severity != validate.Info || f.Name == "good.yaml" && at.Severity != validate.Info {
						t.Errorf("%s:%d: %s %s: %s: %s", f.Name, at.Line, at.Severity, at.Rule, at.Object, at.Message)
					}
				}
				if f.Name == "bad.yaml" && !found {
					t.Errorf("%s: no finding %s %s of %s", f.Name, header["outcome"], header["rule"], header["object"])
				}
			}
		})
	}
	if ran < 14 {
		t.Errorf("%d cases of this family, want 14 or more", ran)
	}
}

// TestOutboundEdits holds what may be mended without being asked to the one field that it changes.
func TestOutboundEdits(t *testing.T) {
	for id, want := range map[string]string{
		"MSH305": "ServiceEntry shop/partner spec.exportTo [. istio-egress]",
		"MSH306": "VirtualService shop/partner spec.exportTo [. istio-egress]",
		"MSH323": "Service tools/git spec.ports[0].appProtocol tcp",
	} {
		a, err := Archive(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(a).Files {
			if f.Name != "bad.yaml" {
				continue
			}
			b, err := bundle.Read(f.Name, bytes.NewReader(f.Data))
			if err != nil {
				t.Fatal(err)
			}
			options, _ := readExample(t, exampleFiles{File: f})
			result, err := validate.Run(b, options)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, found := range result.Findings {
				if found.Rule == id && found.Safe {
					for _, e := range found.Edits {
						got += fmt.Sprint(e.Object, " ", e.Field, " ", e.Value)
					}
				}
			}
			if got != want {
				t.Errorf("%s: %q, want %q", id, got, want)
			}
		}
	}
}
