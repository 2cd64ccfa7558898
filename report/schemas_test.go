package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	// The source of this module holds OASIS's schema of SARIF; a package without imports pins it in go.mod.
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/utils"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/meshscenario/scenario/validate"
)

// sarifSchemaText is the schema of SARIF 2.1.0, errata 01, as OASIS publishes it. It is read from the module that holds
// it, because its licence says nothing of copies like one here.
func sarifSchemaText(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, _ = strconv.Unquote(l.Value)
		}
		return true
	})
	return text
}

func compiled(t *testing.T, id, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// held is what of a JSON text a schema does not allow.
func held(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestSarifSchema holds every golden against the schema, and what the schema leaves to the words of the standard.
func TestSarifSchema(t *testing.T) {
	schema := compiled(t, sarifSchema, sarifSchemaText(t))
	for _, broken := range []string{`{}`, `{"version": "2.0.0", "runs": []}`, `{"version": "2.1.0", "runs": [{"results": []}]}`, `{"version": "2.1.0", "runs": [], "more": 1}`} {
		if held(t, schema, broken) == nil {
			t.Fatalf("the schema takes %s", broken)
		}
	}
	placeholder := regexp.MustCompile(`[{}]`)
	for _, g := range findingGoldens() {
		text := written(t, SARIF, g.findings, g.options)
		if err := held(t, schema, text); err != nil {
			t.Errorf("%s: %v", g.name, err)
		}
		var log sarifLog
		if err := json.Unmarshal([]byte(text), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if len(run.Results) != len(g.findings.Findings) {
			t.Errorf("%s: %d results of %d findings", g.name, len(run.Results), len(g.findings.Findings))
		}
		prints := map[string]bool{}
		for _, r := range run.Results {
			if rule := run.Tool.Driver.Rules[r.RuleIndex]; rule.ID != r.RuleID {
				t.Errorf("%s: %s has the index of %s", g.name, r.RuleID, rule.ID)
			}
			for _, p := range r.Prints {
				if prints[p] {
					t.Errorf("%s: fingerprint %s twice", g.name, p)
				}
				prints[p] = true
			}
			if placeholder.MatchString(strings.NewReplacer("{{", "", "}}", "").Replace(r.Message.Text)) {
				t.Errorf("%s: a placeholder in %q", g.name, r.Message.Text)
			}
			for _, l := range append(r.Locations, r.Related...) {
				if l.Physical == nil {
					continue
				}
				uri, err := url.Parse(l.Physical.Artifact.URI)
				switch base := l.Physical.Artifact.Base; {
				case err != nil:
					t.Errorf("%s: %v", g.name, err)
				case base != "" && run.Bases[base] == (sarifBase{}):
					t.Errorf("%s: nothing tells what %s is", g.name, base)
				case base != "" && (uri.IsAbs() || strings.HasPrefix(uri.Path, "/") || strings.HasPrefix(uri.Path, "../")):
					t.Errorf("%s: %s is not within %s", g.name, uri, base)
				case uri.IsAbs() && uri.Scheme != "file":
					t.Errorf("%s: %s is no file", g.name, uri)
				case strings.ContainsAny(l.Physical.Artifact.URI, " \\"):
					t.Errorf("%s: %q is not encoded", g.name, l.Physical.Artifact.URI)
				}
			}
		}
	}
}

// gitlabSchema is what GitLab documents of its Code Quality report. It is stricter than the schema GitLab holds reports
// against, which asks only for a description, a fingerprint, a severity and a location.
const gitlabSchema = `{
	"type": "array",
	"items": {
		"type": "object",
		"required": ["description", "check_name", "fingerprint", "severity", "location"],
		"additionalProperties": false,
		"properties": {
			"description": {"type": "string", "minLength": 1},
			"check_name": {"type": "string", "minLength": 1},
			"fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
			"severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
			"location": {
				"type": "object",
				"required": ["path", "lines"],
				"additionalProperties": false,
				"properties": {
					"path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./|\\\\"}},
					"lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
				}
			}
		}
	}
}`

// TestGitLabSchema holds every golden against what GitLab reads, and each item to having a fingerprint of its own.
func TestGitLabSchema(t *testing.T) {
	schema := compiled(t, "gitlab.json", gitlabSchema)
	for _, g := range findingGoldens() {
		text := written(t, GitLab, g.findings, g.options)
		if err := held(t, schema, text); err != nil {
			t.Errorf("%s: %v", g.name, err)
		}
		var issues []gitlabIssue
		if err := json.Unmarshal([]byte(text), &issues); err != nil {
			t.Fatal(err)
		}
		prints := map[string]bool{}
		for _, i := range issues {
			prints[i.Fingerprint] = true
		}
		if len(prints) != len(g.findings.Findings) {
			t.Errorf("%s: %d fingerprints of %d findings", g.name, len(prints), len(g.findings.Findings))
		}
	}
}

// An element is what junit-10.xsd allows of one: the schema of Jenkins' xUnit plugin, the strictest reader.
type element struct {
	required, optional []string // attributes
	children           []string
	text               bool
}

var junitElements = map[string]element{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {
		required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"testcase": {
		required: []string{"name"}, optional: []string{"classname", "time", "group"},
		children: []string{"skipped", "error", "failure", "system-out", "system-err"},
	},
	"failure": {optional: []string{"type", "message"}, text: true},
	"error":   {optional: []string{"type", "message"}, text: true},
	"skipped": {optional: []string{"type", "message"}, text: true},
}

// junitFaults is what of an XML text the rules do not allow.
func junitFaults(text string) (faults []string) {
	d := xml.NewDecoder(strings.NewReader(text))
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return faults
		} else if err != nil {
			return append(faults, err.Error())
		}
		switch x := token.(type) {
		case xml.StartElement:
			name := x.Name.Local
			rule, known := junitElements[name]
			switch {
			case !known:
				faults = append(faults, "no element "+name)
			case len(open) == 0 && name != "testsuites":
				faults = append(faults, "the root is "+name)
			case len(open) > 0 && !slices.Contains(junitElements[open[len(open)-1]].children, name):
				faults = append(faults, name+" in "+open[len(open)-1])
			}
			var has []string
			for _, a := range x.Attr {
				has = append(has, a.Name.Local)
				if !slices.Contains(rule.required, a.Name.Local) && !slices.Contains(rule.optional, a.Name.Local) {
					faults = append(faults, name+" has no attribute "+a.Name.Local)
				}
			}
			for _, a := range rule.required {
				if !slices.Contains(has, a) {
					faults = append(faults, name+" lacks "+a)
				}
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && !junitElements[open[len(open)-1]].text && strings.TrimSpace(string(x)) != "" {
				faults = append(faults, fmt.Sprintf("text in %s: %q", open[len(open)-1], x))
			}
		}
	}
}

// TestJUnitSchema holds every golden against the rules, the counts against what is there, and test names to be unique:
// GitLab takes only the first of a name.
func TestJUnitSchema(t *testing.T) {
	for _, broken := range []string{`<testsuite name="" tests="" failures="" errors=""/>`, `<testsuites><testcase name=""/></testsuites>`, `<testsuites><testsuite/></testsuites>`, `<testsuites more=""/>`, `<testsuites>a</testsuites>`, `<testsuites>`, `<a/>`} {
		if junitFaults(broken) == nil {
			t.Fatalf("the rules take %s", broken)
		}
	}
	for _, g := range findingGoldens() {
		for _, failOn := range append(validate.Severities, "") {
			g.findings.FailOn = failOn
			text := written(t, JUnit, g.findings, g.options)
			for _, f := range junitFaults(text) {
				t.Errorf("%s: %s", g.name, f)
			}
			var all junitSuites
			if err := xml.Unmarshal([]byte(text), &all); err != nil {
				t.Fatal(err)
			}
			tests, failures, skipped := 0, 0, 0
			names := map[string]bool{}
			for _, s := range all.Suites {
				f, k := 0, 0
				for _, c := range s.Cases {
					names[c.ClassName+"\n"+c.Name] = true
					if c.Failure != nil {
						f++
					}
					if c.Skipped != nil {
						k++
					}
				}
				if s.Tests != len(s.Cases) || s.Failures != f || s.Skipped != k || s.Tests == 0 {
					t.Errorf("%s: suite %s counts %d tests, %d failures, %d skipped, and has %d, %d, %d", g.name, s.Name, s.Tests, s.Failures, s.Skipped, len(s.Cases), f, k)
				}
				tests, failures, skipped = tests+len(s.Cases), failures+f, skipped+k
			}
			grave := 0
			for _, x := range g.findings.Findings {
				if failOn == "" && x.Severity == validate.Error || failOn != "" && x.Severity.AtLeast(failOn) {
					grave++
				}
			}
			if all.Tests != tests || all.Failures != failures || failures != grave || failures+skipped != len(g.findings.Findings) {
				t.Errorf("%s, failing on %q: counts %d tests and %d failures; there are %d and %d, %d skipped, of %d findings", g.name, failOn, all.Tests, all.Failures, tests, failures, skipped, len(g.findings.Findings))
			}
			if len(names) != tests || tests == 0 {
				t.Errorf("%s: %d names of %d tests", g.name, len(names), tests)
			}
		}
	}
}

// A command is a workflow command, as the runner of GitHub Actions takes a line apart.
type command struct {
	name, data string
	properties map[string]string
}

func commandOf(line string) (c command, ok bool) {
	rest, ok := strings.CutPrefix(line, "::")
	head, data, found := strings.Cut(rest, "::")
	if !ok || !found {
		return c, false
	}
	name, list, _ := strings.Cut(head, " ")
	c = command{name, strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n").Replace(data), map[string]string{}}
	for _, p := range strings.Split(list, ",") {
		key, value, found := strings.Cut(p, "=")
		if !found {
			return c, false
		}
		c.properties[key] = strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",").Replace(value)
	}
	return c, true
}

// TestGitHubCommands reads the commands back.
func TestGitHubCommands(t *testing.T) {
	f := judged()
	f.Findings = append(f.Findings, validate.Finding{Rule: "A::1", Name: "50%3A", Severity: validate.Info, Place: at("A", "", "b", "", "c::d,line=1.yaml", 2, 1), Message: "no"})
	var lines []string
	for line := range strings.Lines(written(t, GitHub, f, Options{})) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	if len(lines) != len(f.Findings) {
		t.Fatalf("%d lines of %d findings", len(lines), len(f.Findings))
	}
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for i, x := range f.byGravity() {
		c, ok := commandOf(lines[i])
		name := map[validate.Severity]string{validate.Error: "error", validate.Warning: "warning", validate.Info: "notice"}[x.Severity]
		if !ok || c.name != name || c.properties["title"] != x.Rule+" "+x.Name || !strings.HasPrefix(c.data, subject(x)+".") ||
			c.properties["file"] != f.path(x.File) || c.properties["line"] != number(x.Line) || c.properties["col"] != number(x.Column) ||
			!strings.Contains(c.data, x.Fix) {
			t.Errorf("%+v\nis written %q\nand read %+v", x, lines[i], c)
		}
	}
}

// TestFindingsJSON holds what programs count on: the version first, the numbers, and findings that read back the same.
func TestFindingsJSON(t *testing.T) {
	for _, g := range findingGoldens() {
		text := written(t, FindingsJSON, g.findings, g.options)
		if !strings.HasPrefix(text, "{\n  \"version\": 1,\n") {
			t.Errorf("%s: begins %q", g.name, text[:20])
		}
		var got jsonFindings
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if s := got.Summary; s.Findings != len(g.findings.Findings) || s.Error+s.Warning+s.Info != s.Findings {
			t.Errorf("%s: counts %+v of %d findings", g.name, s, len(g.findings.Findings))
		}
		a, err := json.Marshal(g.findings.byPlace())
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(got.Findings)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Findings) > 0 && !bytes.Equal(a, b) || got.Findings == nil || got.Files == nil {
			t.Errorf("%s: got %s, want %s", g.name, b, a)
		}
	}
}

// TestMarkdown holds the table to its columns, whatever names hold, and the whole to what GitHub takes.
func TestMarkdown(t *testing.T) {
	f := judged()
	for len(f.Findings) < 1000 {
		f.Findings = append(f.Findings, f.Findings...)
	}
	for _, findings := range []Findings{judged(), f} {
		text := written(t, Markdown, findings, Options{})
		if len(text) > 65536 {
			t.Errorf("%d characters", len(text))
		}
		rows, bar := 0, regexp.MustCompile(`\\.|\|`)
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "| ") {
				continue
			}
			rows++
			if bars := slices.DeleteFunc(bar.FindAllString(line, -1), func(s string) bool { return s != "|" }); len(bars) != 5 {
				t.Errorf("%d bars in %q", len(bars), line)
			}
		}
		shown := min(len(findings.Findings), markdownMost)
		left := fmt.Sprintf("And %d more", len(findings.Findings)-shown)
		if rows != shown+1 || strings.Contains(text, left) != (len(findings.Findings) > shown) {
			t.Errorf("%d rows of %d findings, and no word of the others", rows, len(findings.Findings))
		}
	}
	var many Findings
	for i := range 100 {
		many.Findings = append(many.Findings, validate.Finding{Rule: "MSH402", Severity: validate.Info, Place: at("A", "", "b", "", "a.yaml", i, 0)})
	}
	many.Findings = append(many.Findings, validate.Finding{Rule: "MSH201", Severity: validate.Error, Place: at("A", "", "b", "", "z.yaml", 1, 0)})
	if text := written(t, Markdown, many, Options{}); !strings.Contains(text, "| error | MSH201 |") {
		t.Errorf("the gravest is left out:\n%s", text)
	}
	for in, want := range map[string]string{
		"a_b*c": `a\_b\*c`, "<b>": "&lt;b&gt;", "[x](y)": `\[x\](y)`, "#1 `x`": "\\#1 \\`x\\`", "a|b": `a\|b`, `a\`: `a\\`,
	} {
		if got := markdownText(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"a|b": "`a|b`", "a`b": "`` a`b ``", "``": "``` `` ```"} {
		if got := markdownCode(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
