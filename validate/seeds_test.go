package validate_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
)

// The seeds are the documents that this program began with. Their YAML holds real mistakes, and testdata/seeds.txt says
// which. Their text is not ours to keep here: it is read from the folder seeds of SCENARIO_SHARED.

// A cut is lines of a seed that hold YAML, from 1, both ends included.
type cut struct {
	seed     string
	from, to int
	objects  string // "Kind name, Kind name"
	refused  int    // instead of objects: the line of which the reader complains
	tabs     bool   // as the shell would print it, with the indentation that it has in the seed
	file     string // the lines are no object, but this file of a ConfigMap, as the text has it made of them
}

var cuts = []cut{
	{seed: "000", from: 64, to: 110, objects: "Deployment echo-dep, Service echo"},
	{seed: "000", from: 116, to: 138, objects: "Deployment sleep"},
	{seed: "000", from: 191, to: 203, objects: "ConfigMap tyk-k8s", file: "tyk-k8s.yaml"},
	{seed: "000", from: 243, to: 268, objects: "ConfigMap config-ca-json", file: "config_ca.json"},
	{seed: "001", from: 174, to: 199, objects: "ConfigMap config-ca-json", file: "config_ca.json"},
	{seed: "002", from: 127, to: 140, objects: "ServiceEntry rest-greeting-remote-mesh-ext"},
	{seed: "002", from: 168, to: 177, objects: "DestinationRule disable-mtls-rest-greeting-remote-ext"},
	{seed: "002", from: 275, to: 289, objects: "Route istio-ingressgateway"},
	{seed: "002", from: 293, to: 309, objects: "Gateway rest-greeting-remote-gateway"},
	{seed: "002", from: 318, to: 335, objects: "VirtualService details-custom"},
	{seed: "002", from: 338, to: 348, objects: "DestinationRule details-nomesh-control"},
	{seed: "002", from: 351, to: 367, objects: "ServiceEntry external-details"},
	{seed: "002", from: 370, to: 386, objects: "VirtualService discounts-custom"},
	{seed: "002", from: 388, to: 405, objects: "ServiceEntry external-discounts"},
	{seed: "002", from: 414, to: 422, objects: "DestinationRule discounts-custom"},
	{seed: "002", from: 424, to: 443, objects: "VirtualService discounts-custom"},
	{seed: "002", from: 445, to: 465, objects: "ServiceEntry external-discounts"},
	{seed: "003", from: 49, to: 94, objects: "Deployment web"},
	{seed: "003", from: 121, to: 161, objects: "Deployment web"},
	{seed: "004", from: 335, to: 373, objects: "Gateway bookinfo-gateway, VirtualService bookinfo"},
}

// refusals are what a reader must not take: what lost its indentation, so that fields meet that are not of one object,
// what is indented with tabs, and what stands between the documents of the archive.
var refusals = []cut{
	{seed: "001", from: 38, to: 82, refused: 48},
	{seed: "001", from: 85, to: 106, refused: 92},
	{seed: "002", from: 127, to: 140, refused: 128, tabs: true},
	{seed: "002", from: 414, to: 443, refused: 423},
	{seed: "002", from: 424, to: 465, refused: 444},
}

// seedLines reads a seed, or skips the test; line n is at index n.
func seedLines(t *testing.T, seed string) []string {
	t.Helper()
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set: it holds the seeds")
	}
	files, err := filepath.Glob(filepath.Join(shared, "seeds", seed+"_*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("want one file for seed %s: %v %v", seed, files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{""}, strings.Split(string(data), "\n")...)
}

// endOfEcho is where the text that echo prints ends, and a pipe begins.
var endOfEcho = regexp.MustCompile(`"\s*\|\s*oc apply.*$`)

// text is a seed with nothing but the cuts, each a document, on the lines on which they stand. The shell's share is
// taken off: echo, the quotes around and within what it prints, the pipe after it, and the indentation that a whole
// document has in its text.
func text(lines []string, cuts ...cut) []byte {
	kept := make([]string, len(lines))
	for _, c := range cuts {
		kept[c.from-1] = "---"
		if c.file != "" {
			c.hold(kept, lines)
			continue
		}
		echo, indent := false, ""
		for n := c.from; n <= c.to; n++ {
			line := lines[n]
			if rest := strings.TrimLeft(line, "\t"); strings.HasPrefix(rest, `echo "`) {
				echo = true
				if !c.tabs {
					indent = line[:len(line)-len(rest)]
				}
				line = strings.TrimPrefix(rest, `echo "`)
			}
			ends := endOfEcho.MatchString(line)
			if echo {
				line = strings.ReplaceAll(endOfEcho.ReplaceAllString(line, ""), `"`, "")
			}
			echo = echo && !ends
			kept[n] = strings.TrimRight(strings.TrimPrefix(line, indent), " \t")
		}
	}
	return []byte(strings.Join(kept[1:], "\n"))
}

// hold writes the file as a literal of its ConfigMap, whose head takes the lines before it.
func (c cut) hold(kept, lines []string) {
	_, name, _ := strings.Cut(c.objects, " ")
	for i, line := range []string{"---", "apiVersion: v1", "kind: ConfigMap", fmt.Sprintf("metadata: {name: %s}", name), "data:", "  " + c.file + ": |"} {
		kept[c.from-6+i] = line
	}
	for n := c.from; n <= c.to; n++ {
		kept[n] = "    " + lines[n]
	}
}

// cutsOf are the cuts of a seed.
func cutsOf(seed string) (its []cut) {
	for _, c := range cuts {
		if c.seed == seed {
			its = append(its, c)
		}
	}
	return its
}

// seedBundle is all objects of a seed. Positions in it are lines of the seed.
func seedBundle(t *testing.T, seed string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Read(seed, bytes.NewReader(text(seedLines(t, seed), cutsOf(seed)...)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSeedObjects(t *testing.T) {
	for _, seed := range []string{"000", "001", "002", "003", "004"} {
		b := seedBundle(t, seed)
		lines := seedLines(t, seed)
		var objects, want []string
		for _, o := range b.Objects {
			objects = append(objects, o.Kind+" "+o.Name)
			at := o.At("kind")
			if made := slices.ContainsFunc(cuts, func(c cut) bool { return c.file != "" && c.seed == seed && c.objects == o.Kind+" "+o.Name }); made {
				continue // its kind is in no line of the seed
			}
			if at.File != seed || at.Line < 1 || !strings.Contains(lines[at.Line], "kind: "+o.Kind) && !strings.Contains(lines[at.Line], `kind: "`+o.Kind+`"`) {
				t.Errorf("%s: the kind of %s is not written there", at, o)
			}
		}
		for _, c := range cuts {
			if c.seed == seed {
				want = append(want, strings.Split(c.objects, ", ")...)
			}
		}
		if !slices.Equal(objects, want) {
			t.Errorf("seed %s: got %q, want %q", seed, objects, want)
		}
	}
}

// TestSeedUnknownFields holds the one sort of mistake that the bundle itself can tell of against its expectations: each
// is found on its line, and nothing else is.
func TestSeedUnknownFields(t *testing.T) {
	for _, seed := range []string{"000", "001", "002", "003", "004"} {
		var found, want []int
		for _, o := range seedBundle(t, seed).Objects {
			_, problems := o.Lenient()
			for _, p := range problems {
				if p.Dropped {
					found = append(found, o.At(p.Field).Line)
				}
			}
		}
		for _, e := range expectations(t) {
			if e.seed == seed && e.rule == "MSH125" {
				want = append(want, e.line)
			}
		}
		if !slices.Equal(found, want) {
			t.Errorf("seed %s: unknown fields on lines %v, want %v", seed, found, want)
		}
	}
}

func TestSeedRefusals(t *testing.T) {
	for _, c := range refusals {
		b, err := bundle.Read(c.seed, bytes.NewReader(text(seedLines(t, c.seed), c)))
		if err == nil {
			t.Errorf("%s:%d-%d: read, as %d objects", c.seed, c.from, c.to, len(b.Objects))
			continue
		}
		var e *bundle.ReadError
		if !errors.As(err, &e) || e.Position.Line != c.refused {
			t.Errorf("%s:%d-%d: %v; want line %d", c.seed, c.from, c.to, err, c.refused)
		}
	}
}

// An expectation is a line of testdata/seeds.txt.
type expectation struct {
	seed     string
	line     int
	rule     string // MSHnnn, or the name of a check that no rule stands for yet
	severity string
	holds    string // what the line of the seed holds
	what     string // what is wrong
}

var (
	expected   = regexp.MustCompile("^([0-9]{3}):([0-9]+) ([A-Z0-9*-]+) (error|warning|info)  `([^`]+)` (.+)$")
	ruleOrName = regexp.MustCompile(`^(MSH[1-9][0-9]{2}|[A-Z][A-Z0-9]*(-[A-Z0-9]+)*(-\*)?)$`)
)

func expectations(t *testing.T) []expectation {
	t.Helper()
	data, err := os.ReadFile("testdata/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []expectation
	for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := expected.FindStringSubmatch(line)
		if m == nil || !ruleOrName.MatchString(m[3]) {
			t.Fatalf("testdata/seeds.txt:%d: want SEED:LINE RULE SEVERITY, two spaces, `WHAT THE LINE HOLDS` and what is wrong", n+1)
		}
		at, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, expectation{m[1], at, m[3], m[4], m[5], m[6]})
	}
	return all
}

// TestSeedExpectations holds that each expected line is there and is the one that is meant. Only what is in a document
// of YAML can be a finding of validate; the rest is kept by the name of its check.
func TestSeedExpectations(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range expectations(t) {
		at := fmt.Sprintf("%s:%d", e.seed, e.line)
		if key := at + " " + e.rule + " " + e.holds; seen[key] {
			t.Errorf("%s is there twice", key)
		} else {
			seen[key] = true
		}
		lines := seedLines(t, e.seed)
		if e.line >= len(lines) || !strings.Contains(lines[e.line], e.holds) {
			t.Errorf("%s does not hold %q", at, e.holds)
			continue
		}
		inYAML := slices.ContainsFunc(cuts, func(c cut) bool { return c.seed == e.seed && c.from <= e.line && e.line <= c.to })
		if rule.MatchString(e.rule) && !inYAML {
			t.Errorf("%s: %s is a rule about objects, and the line is of none", at, e.rule)
		}
	}
}
