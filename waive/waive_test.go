package waive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var known = []string{"MSH101", "MSH204", "MSH313", "own-rule"}

var today = time.Date(2026, 6, 15, 23, 0, 0, 0, time.UTC)

func TestClauses(t *testing.T) {
	for text, want := range map[string]string{
		"MSH313=why":                      "MSH313 why",
		" MSH313 = why ":                  "MSH313 why",
		"MSH313=why; MSH204=other reason": "MSH313 why|MSH204 other reason",
		"MSH313=why;\n  MSH204=other\n":   "MSH313 why|MSH204 other",
		"MSH313=why\r\nMSH204=x":          "MSH313 why|MSH204 x",
		";;MSH313=why;":                   "MSH313 why",
		"MSH313, MSH204 = both":           "MSH313 both|MSH204 both",
		"MSH313=one; and two":             "MSH313 one; and two",
		"MSH313=a = b":                    "MSH313 a = b",
		"own-rule=mine":                   "own-rule mine",
		"MSH001=it comes and goes":        "MSH001 it comes and goes",
		"MSH313":                          `! "MSH313" has no equals sign and reason: write MSH313=why`,
		"MSH313: why":                     `! "MSH313: why" has no equals sign and reason: write MSH313=why`,
		"MSH313=":                         "! MSH313 has no reason: write MSH313=why",
		"MSH313=; MSH204=x":               "MSH204 x! MSH313 has no reason: write MSH313=why",
		"MSH204=x; MSH313":                `MSH204 x! "MSH313" has no equals sign and reason: write MSH313=why`,
		"MSH314=x":                        "! there is no rule MSH314: did you mean MSH313?",
		"msh313=x":                        "! there is no rule msh313: did you mean MSH313?",
		"nonsense=x":                      "! there is no rule nonsense",
		"MSH002=x":                        "! MSH002 cannot be waived: mend the waiver",
		"why not":                         `! "why not" does not name a rule: write MSH000=why`,
		"":                                "! it is empty: write MSH000=why, or remove it",
		" ; ":                             "! it is empty: write MSH000=why, or remove it",
	} {
		all, problems := clauses(text, known)
		var parts []string
		for _, c := range all {
			parts = append(parts, c.rule+" "+c.reason)
		}
		got := strings.Join(parts, "|")
		for _, p := range problems {
			got += "! " + p
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern   string
		good, bad string
	}{
		{"a.yaml", "a.yaml x/a.yaml x/y/a.yaml", "b.yaml xa.yaml a.yamlx"},
		{"/a.yaml", "a.yaml", "x/a.yaml"},
		{"./a.yaml", "a.yaml", "b.yaml"},
		{"old", "old/a.yaml x/old/y/a.yaml", "older/a.yaml"},
		{"old/", "old/a.yaml", "x.old"},
		{"x/*.yaml", "x/a.yaml", "x/y/a.yaml a.yaml y/x/a.yaml"},
		{"x/**", "x/a.yaml x/y/a.yaml", "a.yaml"},
		{"x/**/a.yaml", "x/a.yaml x/y/z/a.yaml", "x/b.yaml"},
		{"**/a.yaml", "a.yaml x/y/a.yaml", "b.yaml"},
		{"a?.yaml", "ab.yaml", "a.yaml a/.yaml"},
		{"é*.yaml", "éa.yaml", "e.yaml"},
		{"a+(b).yaml", "a+(b).yaml", "aab.yaml"},
	} {
		g, err := newGlob(tc.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(tc.good) {
			if !g.MatchString(name) {
				t.Errorf("%s does not match %s", tc.pattern, name)
			}
		}
		for _, name := range strings.Fields(tc.bad) {
			if g.MatchString(name) {
				t.Errorf("%s matches %s", tc.pattern, name)
			}
		}
	}
	for _, pattern := range []string{"", "/", "!a", "../a", "a/../../b"} {
		if _, err := newGlob(pattern); err == nil {
			t.Errorf("%q is taken", pattern)
		}
	}
}

// TestConfigErrors: what is wrong is told with its place, all at once, and nothing else is.
func TestConfigErrors(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"apiVersion: meshscenario.io/v1alpha1\nkind: Config\n": "",
		"target: ossm-2.6\nfailOn: warning\nrules:\nignore:\n": "",
		"targt: ossm-2.6\n": `c:1:1: unknown field "targt": did you mean target?`,
		"assume: [outbound=registry-only, Secret/shop/client]\n":             "",
		"assume: outbound=registry-only\n":                                   "c:1:9: assume is a list of facts",
		"assume: [Secret/client]\n":                                          `c:1:10: fact "Secret/client": want Secret/NAMESPACE/NAME (facts are written as ` + strings.Join(traffic.FactForms, ", ") + ")",
		"x: 1\n":                                                             `c:1:1: unknown field "x": known are apiVersion, kind, target, failOn, assume, rules, ignore`,
		"target: ossm-2.66\n":                                                `c:1:9: "ossm-2.66" is not known: did you mean ossm-2.6?`,
		"failOn: [x]\n":                                                      "c:1:9: this must be a text",
		"kind: List\n":                                                       `c:1:7: "List" is not known: it can be Config`,
		"target: ossm-2.6\ntarget: ossm-2.5\n":                               "c:2:1: target is already set in line 1",
		"- x\n":                                                              "c:1:1: this must be a map with any of apiVersion, kind, target, failOn, assume, rules, ignore",
		"a: b\n---\na: c\n":                                                  "c:1:1: unknown field \"a\": known are apiVersion, kind, target, failOn, assume, rules, ignore|c:3:1: settings are one document",
		"rules: {MSH313: error}\n":                                           "",
		"rules: {MSH313: {severity: error}}\n":                               "",
		"rules: {MSH313: {severity: off, reason: why}}\n":                    "",
		"rules: {MSH313: {severity: false, reason: why}}\n":                  "",
		"rules: {MSH313: off}\n":                                             "c:1:9: a reason is missing: write MSH313: {severity: off, reason: why}",
		"rules: {MSH313: {severity: info, reason: ' '}}\n":                   "c:1:9: a reason is missing: write MSH313: {severity: info, reason: why}",
		"rules: {MSH313: {reason: why}}\n":                                   "c:1:9: MSH313 needs a severity: off, error, warning or info",
		"rules: {MSH313: }\n":                                                "c:1:9: MSH313 needs a severity: off, error, warning or info",
		"rules: {MSH313: warn}\n":                                            `c:1:17: "warn" is not known: it can be off, error, warning, info`,
		"rules: {MSH331: error}\n":                                           "c:1:9: there is no rule MSH331: did you mean MSH313?",
		"rules: {MSH002: {severity: off, reason: x}}\n":                      "c:1:9: MSH002 cannot be waived: mend the waiver",
		"rules: {MSH313: error, MSH313: error}\n":                            "c:1:24: MSH313 is already set in line 1",
		"rules: [MSH313]\n":                                                  "c:1:8: this must be a map of rules",
		"ignore: {rule: MSH313}\n":                                           "c:1:9: ignore is a list",
		"ignore:\n- {rule: MSH313, path: a, reason: x}\n":                    "",
		"ignore:\n- {rule: MSH313, reason: x}\n":                             "c:2:3: path or object is missing: to turn a rule off everywhere, set it off under rules",
		"ignore:\n- {rule: MSH313, path: a}\n":                               "c:2:3: reason is missing: say why this is ignored",
		"ignore:\n- {path: a, reason: x}\n":                                  "c:2:3: rule is missing",
		"ignore:\n- {rule: MSH3, path: a, reason: x}\n":                      "c:2:10: there is no rule MSH3: did you mean MSH313?",
		"ignore:\n- {rule: MSH313, path: ../a, reason: x}\n":                 "c:2:24: a path counts from the folder of this file and cannot leave it",
		"ignore:\n- {rule: MSH313, object: a, reason: x}\n":                  `c:2:26: write an object as findings do: "ServiceEntry shop/ext", or "ServiceEntry shop/*"`,
		"ignore:\n- {rule: MSH313, path: a, reason: x, until: 2026-2-1}\n":   `c:2:45: "2026-2-1" is no date: write it as 2006-01-02`,
		"ignore:\n- {rule: MSH313, path: a, reason: x, until: 2026-02-30}\n": `c:2:45: "2026-02-30" is no date: write it as 2006-01-02`,
		"ignore:\n- {rul: MSH313}\n- {pth: a}\n":                             `c:2:4: unknown field "rul": did you mean rule?|c:3:4: unknown field "pth": did you mean path?`,
		"a: [\n":                                                             "c: line 1: did not find expected node content",
	} {
		_, err := ReadConfig("c", []byte(text), known)
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), "\n", "|")
		}
		if got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

const objects = `apiVersion: v1
kind: A
metadata:
  name: a
  namespace: shop
  annotations:
    meshscenario.io/ignore: "MSH313=known; MSH204=also"
---
apiVersion: v1
kind: B
metadata:
  name: b
  annotations: {meshscenario.io/ignore: MSH31=x}
---
apiVersion: v1
kind: C
metadata: {name: c, namespace: shop}
`

func finding(rule string, o validate.Object, related ...validate.Object) validate.Finding {
	f := validate.Finding{Rule: rule, Severity: validate.Error, Place: validate.Place{Object: o, File: "sub/x.yaml", Line: 1}, Message: "m"}
	for _, r := range related {
		f.Related = append(f.Related, validate.Place{Object: r})
	}
	return f
}

var (
	objectA = validate.Object{Kind: "A", Namespace: "shop", Name: "a"}
	objectB = validate.Object{Kind: "B", Name: "b"}
	objectC = validate.Object{Kind: "C", Namespace: "shop", Name: "c"}
)

// summary tells a result in a few lines.
func summary(r Result) string {
	var out strings.Builder
	for _, f := range r.Kept {
		fmt.Fprintf(&out, "kept %s %s %s\n", f.Rule, f.Severity, f.Object)
	}
	for _, w := range r.Waived {
		fmt.Fprintf(&out, "waived %s %s: %s (%s:%d)\n", w.Rule, w.Object, w.Reason, w.By.File, w.By.Line)
	}
	for _, f := range r.Own {
		fmt.Fprintf(&out, "own %s %s %s:%d: %s\n", f.Rule, f.Severity, f.File, f.Line, f.Message)
	}
	for _, p := range r.Idle {
		fmt.Fprintf(&out, "idle %s:%d\n", p.File, p.Line)
	}
	return out.String()
}

func TestApply(t *testing.T) {
	b, err := bundle.Read("sub/x.yaml", strings.NewReader(objects))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		config   string
		findings []validate.Finding
		want     string
	}{
		"the annotation covers its own object alone, and what it does not waive is told": {
			"", []validate.Finding{finding("MSH313", objectA), finding("MSH313", objectC, objectA), finding("MSH101", objectA)},
			`kept MSH313 error C shop/c
kept MSH101 error A shop/a
waived MSH313 A shop/a: known (sub/x.yaml:7)
own MSH002 error sub/x.yaml:13: the waiver cannot be followed: there is no rule MSH31: did you mean MSH313?
own MSH001 warning sub/x.yaml:7: nothing is found that the waiver of MSH204 is about
`},
		"rules, and a finding with a waiver of its own": {
			"rules:\n  MSH313: {severity: off, reason: no}\n  MSH101: {severity: info, reason: little}\n  MSH204: {severity: off, reason: no}\n  MSH001: error\n",
			[]validate.Finding{finding("MSH313", objectA), finding("MSH313", objectC), finding("MSH101", objectB), finding("own-rule", objectB)},
			`kept MSH101 info B b
kept own-rule error B b
waived MSH313 A shop/a: known (sub/x.yaml:7)
waived MSH313 C shop/c: no (c.yaml:2)
own MSH002 error sub/x.yaml:13: the waiver cannot be followed: there is no rule MSH31: did you mean MSH313?
own MSH001 error sub/x.yaml:7: nothing is found that the waiver of MSH204 is about
`},
		"ignore by path and object, used, unused, idle and ended": {
			`ignore:
- {rule: MSH313, path: sub, object: C shop/*, reason: one}
- {rule: MSH101, path: sub, reason: two}
- {rule: MSH204, path: other, reason: three}
- {rule: MSH204, object: "* shop/c", reason: four, until: 2026-06-15}
- {rule: own-rule, object: "B b", reason: five, until: 2026-06-14}
`,
			[]validate.Finding{finding("MSH313", objectA), finding("MSH204", objectA), finding("MSH313", objectC), finding("MSH204", objectC), finding("own-rule", objectB)},
			`kept own-rule error B b
waived MSH313 A shop/a: known (sub/x.yaml:7)
waived MSH204 A shop/a: also (sub/x.yaml:7)
waived MSH313 C shop/c: one (c.yaml:2)
waived MSH204 C shop/c: four (c.yaml:5)
own MSH002 error sub/x.yaml:13: the waiver cannot be followed: there is no rule MSH31: did you mean MSH313?
own MSH001 warning c.yaml:3: nothing is found that the waiver of MSH101 is about
own MSH001 warning c.yaml:6: the waiver of own-rule ended with 2026-06-14
idle c.yaml:4
`},
		"what cannot be read stays": {
			"ignore:\n- {rule: MSH001, path: sub, reason: r}\n", []validate.Finding{finding("MSH313", objectA)},
			`waived MSH313 A shop/a: known (sub/x.yaml:7)
waived MSH001 A shop/a: r (c.yaml:2)
own MSH002 error sub/x.yaml:13: the waiver cannot be followed: there is no rule MSH31: did you mean MSH313?
`},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ReadConfig("c.yaml", []byte(tc.config), known)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // settings keep nothing of a run
				r := Apply(Input{Findings: tc.findings, Objects: b.Objects, Config: func(string) *Config { return c }, Known: known, Today: today})
				if got := summary(r); got != tc.want {
					t.Errorf("got\n%s\nwant\n%s", got, tc.want)
				}
			}
		})
	}
}

// TestUnusedFix: the edits of unused waivers leave the used clauses.
func TestUnusedFix(t *testing.T) {
	b, _ := bundle.Read("x.yaml", strings.NewReader(objects))
	r := Apply(Input{Findings: []validate.Finding{finding("MSH204", objectA)}, Objects: b.Objects, Known: known, Today: today})
	text, err := edit.Text("x.yaml", []byte(objects), r.Own[1].Edits)
	if want := strings.Replace(objects, "MSH313=known; ", "", 1); err != nil || string(text) != want {
		t.Errorf("%v\n%s", err, text)
	}
	r = Apply(Input{Objects: b.Objects, Known: known, Today: today})
	for _, f := range r.Own[1:] {
		if len(f.Edits) != 1 || f.Edits[0].Value != nil {
			t.Errorf("%+v", f)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// TestFind: the nearest settings count, and the search ends at the work tree.
func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, ".scenario.yaml", "failOn: info\n")
	write(t, "repo/.git/HEAD", "")
	write(t, "repo/a/.scenario.yaml", "target: ossm-2.6\n")
	write(t, "repo/a/b/x.yaml", "")
	write(t, "repo/a/c/.scenario.yaml", "target: ossm-2.5\nignore:\n- {rule: MSH313, path: d/x.yaml, reason: r}\n")
	write(t, "bad/.scenario.yaml", "x: 1\n")
	c := Configs{Known: known}
	for file, want := range map[string]string{
		"-": ".scenario.yaml", "": ".scenario.yaml", "x.yaml": ".scenario.yaml", "other/x.yaml": ".scenario.yaml",
		"repo/x.yaml": "", "repo/a/b/x.yaml": "repo/a/.scenario.yaml", "repo/a/c/x.yaml": "repo/a/c/.scenario.yaml",
	} {
		got := ""
		if config := c.For(file); config != nil {
			got = config.File
		}
		if got != filepath.FromSlash(want) {
			t.Errorf("%s: got %s, want %s", file, got, want)
		}
	}
	if err := c.Err(); err != nil {
		t.Error(err)
	}
	target, failOn, err := c.Agreed()
	if failOn != "info" || err == nil || !strings.Contains(err.Error(), "says target: "+target) {
		t.Error(target, failOn, err)
	}
	if config := c.For("repo/a/c/d/x.yaml"); !config.inside("repo/a/c/d/x.yaml", config.ignore[0].path) || config.inside("repo/d/x.yaml", config.ignore[0].path) {
		t.Error("paths do not count from the folder of the settings")
	}
	c.For("bad/x.yaml")
	c.For("bad/y.yaml")
	if err := c.Err(); err == nil || strings.Count(err.Error(), "unknown field") != 1 {
		t.Error(err)
	}
}

// TestBaseline: findings are known again after lines and items moved and messages were reworded, as often as they were
// there.
func TestBaseline(t *testing.T) {
	at := func(rule, field, message string, line int) validate.Finding {
		f := finding(rule, objectA)
		f.Field, f.Message, f.Line = field, message, line
		return f
	}
	lone := validate.Finding{Rule: "MSH101", Place: validate.Place{File: "./x.yaml", Line: 3}, Message: "no <object>"}
	before := []validate.Finding{
		at("MSH313", "spec.http[0].x", "see a.yaml:12:3 and line 4, item [1]", 12), at("MSH313", "spec.http[2].x", "see a.yaml:3 and line 9, item [0]", 3),
		at("MSH204", "spec.y", "old words", 1), lone, at("MSH101", "", "gone", 1),
	}
	text := NewBaseline(before).JSON()
	want := `[{"baseline":1}
,{"rule":"MSH101","file":"x.yaml","message":"no <object>","count":1}
,{"rule":"MSH101","object":"A shop/a","message":"gone","count":1}
,{"rule":"MSH204","object":"A shop/a","field":"spec.y","message":"old words","count":1}
,{"rule":"MSH313","object":"A shop/a","field":"spec.http[].x","message":"see a.yaml and line, item []","count":2}
]
`
	if string(text) != want {
		t.Errorf("got %s", text)
	}
	b, err := ReadBaseline("b", text)
	if err != nil || string(b.JSON()) != want {
		t.Fatal(err)
	}
	lone.Line = 30
	now := []validate.Finding{
		at("MSH313", "spec.http[7].x", "see a.yaml:99:3 and line 1, item [5]", 99), at("MSH204", "spec.y", "new words", 8),
		at("MSH204", "spec.z", "old words", 8), lone,
		at("MSH313", "spec.http[0].x", "see a.yaml:1:3 and line 1, item [5]", 1), at("MSH313", "spec.http[0].x", "see a.yaml:1 and line 1, item [5]", 1),
	}
	fresh, same, gone := b.Apply(now)
	if len(same) != 4 || !reflect.DeepEqual(fresh, []validate.Finding{now[2], now[5]}) || len(gone) != 1 || gone[0].String() != "MSH101: A shop/a: gone" {
		t.Errorf("fresh %v\nknown %v\ngone %v", fresh, same, gone)
	}
	if fresh, _, gone = b.Apply(before); len(fresh) > 0 || len(gone) > 0 {
		t.Error(fresh, gone)
	}
	for text, want := range map[string]string{
		"":                                    "EOF",
		"[]":                                  "does not begin with its version",
		`[{"baseline":2}]`:                    "version 2",
		`[{"baseline":1}] []`:                 "follows its end",
		`[{"baseline":1},{"rule":"x"}]`:       "entry 1",
		`[{"baseline":1},{"rule":"x","n":1}]`: "unknown field",
	} {
		if _, err := ReadBaseline("b", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
