package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/pki/pkitest"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// A joinedBase is two meshes that a definition joins; what its fields mean says testdata/joined.yaml.
type joinedBase struct{ Definition, Target, From, Request string }

type joinedMistake struct {
	Base, Says, Rule, At string
	East, West           []string
	Alone                string
	Breaks               bool
}

// joinedDefinitions are those that the examples do not have: meshes with all that they say of each other.
var joinedDefinitions = map[string]string{
	"by-hand": `apiVersion: meshscenario.io/v1alpha1
kind: Scenario
metadata: {name: travel}
spec:
  scenario: 2b
  target: ossm-3.4
  meshes:
  - name: east
    gateway: {addresses: [192.0.2.10]}
    trustDomain: east.local
    exports: [{namespace: travel-agency, name: discounts, port: 8000}]
  - name: west
    trustDomain: west.local
    imports: [{namespace: travel-agency, name: discounts}]
  client: {namespace: travel-portal, name: viaggi}
`,
	"clusters": `apiVersion: meshscenario.io/v1alpha1
kind: Scenario
metadata: {name: travel}
spec:
  scenario: 2a
  target: ossm-3.4
  meshes:
  - name: east
    exports: [{namespace: travel-agency, name: discounts, port: 8000}]
  - name: west
    imports: [{namespace: travel-agency, name: discounts}]
  client: {namespace: travel-portal, name: viaggi}
`,
}

// TestJoinedMistakes holds what is found between two meshes against testdata/joined.yaml: nothing in what is rendered, and of
// each mistake its one rule.
func TestJoinedMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/joined.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Bases    map[string]joinedBase
		Mistakes []joinedMistake
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	roots := map[string]string{}
	for _, of := range []string{"east", "west", "both", "nobody"} {
		roots[of] = string(pkitest.Root(of).PEM())
	}
	bases := map[string]map[string]string{}
	for name, b := range table.Bases {
		bases[name] = renderJoined(t, b)
		check := b.checker(t, bases[name], roots)
		for _, side := range []string{"east", "west"} {
			if found := check.findings(side, true); len(found) > 0 {
				t.Errorf("%s: %s: %v", name, side, found)
			}
		}
		if p := check.path(); p.Outcome.Code != traffic.Arrives || !p.Crosses() {
			t.Errorf("%s: %s: %s", name, p.Outcome.Code, p.Outcome.Reason)
		}
	}
	for _, m := range table.Mistakes {
		t.Run(m.Base+": "+m.Says, func(t *testing.T) {
			b := table.Bases[m.Base]
			texts := map[string]string{"east": replaced(t, bases[m.Base]["east"], m.East), "west": replaced(t, bases[m.Base]["west"], m.West)}
			check := b.checker(t, texts, roots)
			at := m.At
			switch {
			case at != "":
			case len(m.East) == 0:
				at = "west"
			case len(m.West) == 0:
				at = "east"
			default:
				at = "any"
			}
			for _, side := range []string{"east", "west"} {
				found := check.findings(side, true)
				onlyHere := !slices.ContainsFunc(rules.All, func(r *validate.Rule) bool { return r.ID == m.Rule && r.Border })
				if want := 1; onlyHere && side != at {
					continue
				} else if len(found) != want || found[0].Rule != m.Rule || at != "any" && filepath.Base(found[0].File) != at+".yaml" {
					t.Errorf("validate %s: %s, want %s at %s once", side, tell(found), m.Rule, at)
				}
			}
			if at != "any" {
				want := m.Alone
				if want == "true" {
					want = m.Rule
				}
				if found := check.findings(at, false); want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Rule != want) {
					t.Errorf("validate %s alone: %s, want %q", at, tell(found), want)
				}
			}
			if p := check.path(); m.Breaks == (p.Outcome.Code == traffic.Arrives && p.Crosses()) {
				t.Errorf("the request: %s: %s, breaks %v", p.Outcome.Code, p.Outcome.Reason, m.Breaks)
			}
		})
	}
}

// tell lists findings.
func tell(found []validate.Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s:%d %s: %s", filepath.Base(f.File), f.Line, f.Rule, f.Message))
	}
	return strings.Join(all, "; ")
}

func replaced(t *testing.T, text string, pairs []string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the manifests have no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// renderJoined renders both meshes whole, a text each, with their roots as placeholders.
func renderJoined(t *testing.T, b joinedBase) map[string]string {
	t.Helper()
	file := "../../examples/definitions/" + b.Definition + ".yaml"
	if text := joinedDefinitions[b.Definition]; text != "" {
		file = filepath.Join(t.TempDir(), "definition.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]string{}
	for side, other := range map[string]string{"east": "west", "west": "east"} {
		var out, errs bytes.Buffer
		if status := run([]string{"render", "-f", file, "--target", b.Target, "--include", "all", "--mesh", side}, strings.NewReader(""), &out, &errs); status != 0 {
			t.Fatalf("render %s: %s", side, errs.String())
		}
		all[side] = out.String()
		switch b.Definition {
		case "travel":
			system := "remote-" + side + "-mesh-system"
			all[side] += rootOf(other+"-ca-root-cert", system, other) + rootOf("istio-ca-root-cert", system, side)
		default:
			all[side] += rootOf("istio-ca-root-cert", "istio-system", "both")
		}
	}
	return all
}

func rootOf(name, namespace, of string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n  namespace: %s\ndata:\n  root-cert.pem: |\n    {{root of %s}}\n", name, namespace, of)
}

// A joinedChecker asks the command about two meshes.
type joinedChecker struct {
	t     *testing.T
	base  joinedBase
	files map[string]string
}

func (b joinedBase) checker(t *testing.T, texts, roots map[string]string) joinedChecker {
	t.Helper()
	c := joinedChecker{t, b, map[string]string{}}
	for side, text := range texts {
		for of, pem := range roots {
			text = strings.ReplaceAll(text, "{{root of "+of+"}}", strings.ReplaceAll(strings.TrimSpace(pem), "\n", "\n    "))
		}
		c.files[side] = filepath.Join(t.TempDir(), side+".yaml")
		if err := os.WriteFile(c.files[side], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

var otherSide = map[string]string{"east": "west", "west": "east"}

// findings are those at warning and error of a mesh, alone or against the other one.
func (c joinedChecker) findings(side string, both bool) []validate.Finding {
	c.t.Helper()
	args := []string{"validate", c.files[side], "--target", c.base.Target, "-o", "json"}
	if both {
		args = append(args, "--peer", c.files[otherSide[side]])
	}
	var out, errs bytes.Buffer
	run(args, strings.NewReader(""), &out, &errs)
	var report struct{ Findings []validate.Finding }
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		c.t.Fatalf("%v: %v: %s%s", args, err, out.String(), errs.String())
	}
	return slices.DeleteFunc(report.Findings, func(f validate.Finding) bool { return f.Severity == validate.Info })
}

// path is where the base's request goes.
func (c joinedChecker) path() traffic.Path {
	c.t.Helper()
	args := []string{"trace", c.files[c.base.From], "--peer", c.files[otherSide[c.base.From]], "--target", c.base.Target, "--to", c.base.Request, "--from", "travel-portal/viaggi", "-o", "json"}
	var out, errs bytes.Buffer
	run(args, strings.NewReader(""), &out, &errs)
	var p traffic.Path
	if err := json.Unmarshal(out.Bytes(), &p); err != nil {
		c.t.Fatalf("%v: %v: %s%s", args, err, out.String(), errs.String())
	}
	return p
}
