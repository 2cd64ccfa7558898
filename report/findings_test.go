package report

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/validate"
)

func at(kind, namespace, name, field, file string, line, column int) validate.Place {
	return validate.Place{Object: validate.Object{Kind: kind, Namespace: namespace, Name: name}, Field: field, File: file, Line: line, Column: column}
}

// judged is a bundle with a finding of every sort.
func judged() Findings {
	double := validate.Finding{
		Rule: "MSH201", Name: "double-tls-sidecar", Category: validate.DoubleTLS, Severity: validate.Error,
		Place:       at("DestinationRule", "shop", "partner", "spec.trafficPolicy.tls.mode", "mesh/orders.yaml", 23, 7),
		Message:     "the sidecar puts TLS around what the application has encrypted already",
		Consequence: "api.partner.example takes off one layer, finds TLS where it expects HTTP, and closes the connection",
		Fix:         "set spec.trafficPolicy.tls.mode to DISABLE, or let the application send plaintext HTTP to port 80",
		Related:     []validate.Place{at("ServiceEntry", "shop", "partner", "spec.ports[0].protocol", "mesh/orders.yaml", 9, 5), at("Service", "istio-system", "istio-egressgateway", "", "", 0, 0)},
		Request:     &validate.Call{From: "shop/orders", To: "https://api.partner.example:443", Others: 3},
		Hop:         2,
		Edits:       []validate.Edit{{Object: validate.Object{Kind: "DestinationRule", Namespace: "shop", Name: "partner"}, Field: "spec.trafficPolicy.tls.mode", Value: "DISABLE"}},
		Safe:        true,
		Patch:       []validate.Hunk{{File: "mesh/orders.yaml", Line: 23, Old: "    tls: {mode: SIMPLE}\n", New: "    tls: {mode: DISABLE}\n"}},
	}
	again := double
	again.Related = nil
	again.Request = &validate.Call{From: "shop/payments", To: "https://api.partner.example:443", Others: 1}
	again.Hop = 0
	third := again
	third.Line, third.Request, third.Consequence = 40, nil, ""
	third.Safe, third.Patch = false, append(double.Patch, validate.Hunk{File: "mesh/more.yaml", Line: 3, New: "---\nkind: `Odd` ``` {0}\n"})
	return Findings{
		Target: "ossm-2.6", Version: "v1.2.3",
		Rules: []RuleInfo{
			{ID: "MSH301", Name: "undeclared-host", Title: "a route leads to an outside host that nothing declares", Severity: validate.Error, Category: validate.NoServiceEntry,
				Help: "A route can only reach a host the mesh has been told about, by a ServiceEntry such as\n\n    metadata: {name: partner}\n\nDeclare the host, or mend its name.\n"},
			{ID: "MSH201", Name: "double-tls-sidecar", Title: "TLS is put around TLS", Help: "Two parties encrypt the same bytes.", Severity: validate.Error, Category: validate.DoubleTLS},
			{ID: "MSH999", Name: "finds-nothing", Title: "a rule that found nothing", Severity: validate.Info},
		},
		Files: []string{"mesh/orders.yaml", "mesh/clean.yaml", "-"},
		Findings: []validate.Finding{
			{Rule: "MSH402", Name: "could-be-simpler", Category: validate.Other, Severity: validate.Info,
				Place: at("Gateway", "istio-egress", "a-gateway-with-a-name-that-is-longer-than-most-names-that-people-give", "spec.servers[0].hosts", "-", 3, 0), Message: "every host is written twice"},
			double, third, again,
			{Rule: "MSH301", Name: "undeclared-host", Category: validate.NoServiceEntry, Severity: validate.Warning,
				Place:   at("VirtualService", "shop", "odd", "spec.http[0]", "mesh/ordérs 100%, a:b|c#1.yaml", 8, 3),
				Message: "odd: `code` *stars* a_b [x](y) <b>&\n::error::100% {0} ]]> \x1b[31m, |", Fix: "mend it!"},
			{Rule: "ACME1", Name: "of-their-own", Severity: validate.Warning, Place: at("Namespace", "", "shop", "", "/srv/manifests/shop.yaml", 1, 1), Message: "not labelled"},
			{Rule: "MSH501", Name: "no-secret", Category: validate.NoSecret, Severity: validate.Info, Place: at("Gateway", "shop", "in", "spec.servers[0].tls.credentialName", "", 0, 0),
				Message: "nothing tells whether Secret istio-ingress/web is there"},
			{Rule: "MSH101", Name: "schema", Category: validate.Schema, Severity: validate.Error, Place: at("", "", "", "", "../other/not-an-object.yaml", 0, 0), Message: "a list, not an object"},
		},
	}
}

// findingGoldens are what every format is held against.
func findingGoldens() []struct {
	name     string
	findings Findings
	options  Options
} {
	clean := judged()
	clean.Findings = nil
	one := judged()
	one.Findings = one.Findings[1:2]
	return []struct {
		name     string
		findings Findings
		options  Options
	}{
		{"all sorts", judged(), Options{}},
		{"nothing found", clean, Options{}},
		{"nothing known", Findings{}, Options{}},
		{"one at 120", one, Options{Width: 120}},
		{"one at 50", one, Options{Width: 50}},
		{"all sorts in colour", judged(), Options{Color: true}},
	}
}

func written(t *testing.T, write func(io.Writer, Findings, Options) error, f Findings, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, f, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFindingFormats holds each format against testdata/findings.FORMAT.golden, and demands one of each.
func TestFindingFormats(t *testing.T) {
	goldens, err := filepath.Glob("testdata/findings.*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range FindingFormats {
		t.Run(f.Name, func(t *testing.T) {
			var got bytes.Buffer
			for _, g := range findingGoldens() {
				if f.Name != "text" && g.options != (Options{}) {
					continue
				}
				fmt.Fprintf(&got, "== %s ==\n%s", g.name, written(t, f.Write, g.findings, g.options))
			}
			file := "testdata/findings." + f.Name + ".golden"
			goldens = slices.DeleteFunc(goldens, func(g string) bool { return filepath.ToSlash(g) == file })
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s: go test ./report -update writes it anew; got\n%s", file, got.String())
			}
		})
	}
	if len(goldens) > 0 {
		t.Errorf("of no format: %v", goldens)
	}
}

// TestFindingOrder holds all formats to write the same, in whatever order findings, rules and files come, and to leave
// what they are given as it is.
func TestFindingOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, f := range FindingFormats {
		want := written(t, f.Write, judged(), Options{})
		for range 20 {
			j := judged()
			random.Shuffle(len(j.Findings), func(a, b int) { j.Findings[a], j.Findings[b] = j.Findings[b], j.Findings[a] })
			random.Shuffle(len(j.Rules), func(a, b int) { j.Rules[a], j.Rules[b] = j.Rules[b], j.Rules[a] })
			slices.Reverse(j.Files)
			first, rule, file := j.Findings[0].Message, j.Rules[0].ID, j.Files[0]
			if got := written(t, f.Write, j, Options{}); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, want)
			}
			if j.Findings[0].Message != first || j.Rules[0].ID != rule || j.Files[0] != file {
				t.Fatalf("%s changes the order of what it is given", f.Name)
			}
		}
	}
}

// TestColor holds every format but text to be the same with colours as without.
func TestColor(t *testing.T) {
	for _, f := range FindingFormats {
		plain, colored := written(t, f.Write, judged(), Options{}), written(t, f.Write, judged(), Options{Color: true, Width: 60})
		if strings.Contains(plain, "\x1b") || strings.Contains(plain, `\u001b`) && f.Name != "json" {
			t.Errorf("%s: an escape sequence in %q", f.Name, plain)
		}
		if f.Name != "text" && plain != colored {
			t.Errorf("%s depends on who reads it", f.Name)
		}
		if f.Name == "text" && !strings.Contains(colored, "\x1b[31merror MSH201:\x1b[0m") {
			t.Errorf("no colour in %q", colored)
		}
	}
}

// TestFindingWidths holds text within every width, but for places, and to losing nothing.
func TestFindingWidths(t *testing.T) {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	head := func(x validate.Finding) string {
		return strings.TrimPrefix(position(x.Place)+": ", ": ") + string(x.Severity) + " " + x.Rule + ":"
	}
	var heads []string
	for _, x := range judged().Findings {
		heads = append(heads, head(x))
	}
	for width := Narrowest; width <= 120; width++ {
		out := written(t, FindingsText, judged(), Options{Width: width})
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if length(line) > width && !slices.Contains(heads, line) || strings.TrimRight(line, " ") != line {
				t.Errorf("at %d: %q", width, line)
			}
		}
		for _, x := range judged().Findings {
			parts := append([]string{x.Consequence, x.Fix, shownBy(x), subject(x)}, relatedPlaces(x)...)
			for _, text := range parts {
				if !strings.Contains(squeeze(out), squeeze(text)) {
					t.Errorf("at %d: %q is cut", width, text)
				}
			}
			if !strings.Contains("\n"+out, "\n"+head(x)) {
				t.Errorf("at %d: no line begins %q", width, head(x))
			}
		}
	}
	long := Findings{Findings: []validate.Finding{{Rule: "MSH201", Severity: validate.Error, Place: at("Gateway", "a", "b", "", strings.Repeat("folder/", 20)+"x.yaml", 1, 2), Message: "no"}}}
	if got, want := written(t, FindingsText, long, Options{}), long.Findings[0].File+":1:2: error MSH201:\n    Gateway a/b: no\n"; !strings.HasPrefix(got, want) {
		t.Errorf("a long place: got\n%s\nwant\n%s", got, want)
	}
}

func relatedPlaces(x validate.Finding) (all []string) {
	for _, r := range x.Related {
		all = append(all, relatedPlace(r))
	}
	return all
}

// TestPath holds how files are named within the repository.
func TestPath(t *testing.T) {
	for _, c := range []struct{ dir, root, file, want, uri, base string }{
		{"", "", "a/b.yaml", "a/b.yaml", "a/b.yaml", sarifRoot},
		{"", "", "./a//b.yaml", "a/b.yaml", "a/b.yaml", sarifRoot},
		{"", "", "../b.yaml", "../b.yaml", "../b.yaml", ""},
		{"", "", "..b.yaml", "..b.yaml", "..b.yaml", sarifRoot},
		{"", "", "/srv/a b.yaml", "/srv/a b.yaml", "file:///srv/a%20b.yaml", ""},
		{"", "", "a:b.yaml", "a:b.yaml", "./a:b.yaml", sarifRoot},
		{"", "", "ä/100%?#[1].yaml", "ä/100%?#[1].yaml", "%C3%A4/100%25%3F%23%5B1%5D.yaml", sarifRoot},
		{"", "", "C:/a b.yaml", "C:/a b.yaml", "file:///C:/a%20b.yaml", ""},
		{"", "", "-", "stdin", "stdin", ""},
		{"", "", "", "", "", sarifRoot},
		{"/r/deploy", "/r", "a.yaml", "deploy/a.yaml", "deploy/a.yaml", sarifRoot},
		{"/r/deploy", "/r", "../a.yaml", "a.yaml", "a.yaml", sarifRoot},
		{"/r/deploy", "/r", "/r/x/a.yaml", "x/a.yaml", "x/a.yaml", sarifRoot},
		{"/r/deploy", "/r", "../../s/a.yaml", "/s/a.yaml", "file:///s/a.yaml", ""},
		{"/r/deploy", "/r", "/rest/a.yaml", "/rest/a.yaml", "file:///rest/a.yaml", ""},
		{"/r/deploy", "/r", "-", "stdin", "stdin", ""},
	} {
		f := Findings{Dir: c.dir, Root: c.root}
		if got := f.path(c.file); got != c.want {
			t.Errorf("%q from %q in %q: got %q, want %q", c.file, c.dir, c.root, got, c.want)
		}
		if uri, base := f.sarifURI(c.file); uri != c.uri || base != c.base {
			t.Errorf("%q from %q in %q: got %q relative to %q, want %q to %q", c.file, c.dir, c.root, uri, base, c.uri, c.base)
		}
	}
}

// TestFingerprints holds what may change without a finding becoming another one, and what may not.
func TestFingerprints(t *testing.T) {
	of := func(change func(*Findings)) []string {
		f := judged()
		change(&f)
		return f.fingerprints(f.byPlace())
	}
	want := of(func(*Findings) {})
	if len(want) != len(judged().Findings) || len(slices.Compact(slices.Sorted(slices.Values(want)))) != len(want) {
		t.Errorf("not one for each finding: %v", want)
	}
	for name, change := range map[string]func(*validate.Finding){
		"lines move":     func(x *validate.Finding) { x.Line, x.Column = x.Line+100, x.Column+2 },
		"words change":   func(x *validate.Finding) { x.Message, x.Fix, x.Consequence, x.Name = "anew", "anew", "anew", "anew" },
		"severity rises": func(x *validate.Finding) { x.Severity = validate.Error },
		"requests come":  func(x *validate.Finding) { x.Request, x.Hop = &validate.Call{From: "a/b", To: "http://c"}, 4 },
	} {
		got := of(func(f *Findings) {
			for i := range f.Findings {
				change(&f.Findings[i])
			}
		})
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for name, change := range map[string]func(*validate.Finding){
		"rule":    func(x *validate.Finding) { x.Rule += "0" },
		"object":  func(x *validate.Finding) { x.Object.Name += "0" },
		"field":   func(x *validate.Finding) { x.Field += "0" },
		"file":    func(x *validate.Finding) { x.File += "0" },
		"related": func(x *validate.Finding) { x.Related = append(x.Related, at("A", "", "b", "", "", 0, 0)) },
	} {
		for _, p := range of(func(f *Findings) {
			for i := range f.Findings {
				change(&f.Findings[i])
			}
		}) {
			if slices.Contains(want, p) {
				t.Errorf("another %s, and the same fingerprint %s", name, p)
			}
		}
	}
}
