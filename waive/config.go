package waive

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/nearest"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// FileName is what a file of settings is called.
const FileName = ".scenario.yaml"

// Schema is the JSON Schema of a file of settings.
//
//go:embed schema.json
var Schema []byte

// A Config is what a file .scenario.yaml says about the files of its folder and all below.
type Config struct {
	File string
	// Target and FailOn are what the flags of their names take, or "".
	Target, FailOn string
	// Assume are facts of the cluster, as --assume takes them.
	Assume []string
	rules  map[string]ruling
	ignore []*waiver
	folder string // absolute
}

// A ruling is what becomes of the findings of a rule. No severity means off.
type ruling struct {
	severity validate.Severity
	reason   string
	at       validate.Place
}

// off is the severity of what is not to be found.
const off = "off"

// ReadConfig reads settings; name is that of their file, from whose folder paths count, and known are the IDs of all
// rules. What is not known is an error that names the nearest. The error joins a [bundle.ReadError] for each thing that
// is wrong, in the order of the text.
//
// Whatever hides findings needs a reason: a rule that is off or less than an error, and everything under ignore.
func ReadConfig(name string, data []byte, known []string) (*Config, error) {
	folder, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	r := reader{file: name, known: known}
	c := &Config{File: name, folder: folder, rules: map[string]ruling{}}
	root := r.parse(data)
	if root == nil {
		return c, errors.Join(r.errs...)
	}
	fields := r.fields(root, "apiVersion", "kind", "target", "failOn", "assume", "rules", "ignore")
	r.oneOf(fields["apiVersion"], "meshscenario.io/v1alpha1")
	r.oneOf(fields["kind"], "Config")
	c.Target = r.oneOf(fields["target"], mesh.Names()...)
	c.FailOn = r.oneOf(fields["failOn"], "error", "warning", "info")
	c.Assume = r.facts(fields["assume"])
	r.rules(fields["rules"], c.rules)
	c.ignore = r.ignores(fields["ignore"])
	slices.SortStableFunc(r.errs, func(a, b error) int { return order(a) - order(b) })
	return c, errors.Join(r.errs...)
}

func order(err error) int {
	var e *bundle.ReadError
	if errors.As(err, &e) {
		return e.Line
	}
	return 0
}

// A reader reads settings and collects what is wrong.
type reader struct {
	file  string
	known []string
	errs  []error
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, &bundle.ReadError{Position: bundle.Position{File: r.file, Line: n.Line, Column: n.Column}, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) parse(data []byte) *yaml.Node {
	var document, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.errs = append(r.errs, fmt.Errorf("%s: %s", r.file, strings.TrimPrefix(err.Error(), "yaml: ")))
		return nil
	}
	if d.Decode(&more) == nil {
		r.fail(more.Content[0], "settings are one document")
	}
	return document.Content[0]
}

func resolved(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func empty(n *yaml.Node) bool { return n == nil || n.Tag == "!!null" }

// fields are the entries of a map.
func (r *reader) fields(n *yaml.Node, names ...string) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	if n = resolved(n); empty(n) {
		return found
	}
	if n.Kind != yaml.MappingNode {
		if len(names) > 0 {
			r.fail(n, "this must be a map with any of %s", strings.Join(names, ", "))
		} else {
			r.fail(n, "this must be a map of rules")
		}
		return found
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case found[key.Value] != nil:
			r.fail(key, "%s is already set in line %d", key.Value, found[key.Value].Line)
		case len(names) > 0 && !slices.Contains(names, key.Value):
			if near := nearest.Of(key.Value, names); near != "" {
				r.fail(key, "unknown field %q: did you mean %s?", key.Value, near)
			} else {
				r.fail(key, "unknown field %q: known are %s", key.Value, strings.Join(names, ", "))
			}
		default:
			found[key.Value] = resolved(n.Content[i+1])
		}
	}
	return found
}

func (r *reader) text(n *yaml.Node) string {
	if n = resolved(n); empty(n) {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.fail(n, "this must be a text")
		return ""
	}
	return strings.TrimSpace(n.Value)
}

func (r *reader) oneOf(n *yaml.Node, values ...string) string {
	text := r.text(n)
	if text == "" || slices.Contains(values, text) {
		return text
	}
	if near := nearest.Of(text, values); near != "" {
		r.fail(n, "%q is not known: did you mean %s?", text, near)
	} else {
		r.fail(n, "%q is not known: it can be %s", text, strings.Join(values, ", "))
	}
	return ""
}

func (r *reader) place(n *yaml.Node) validate.Place {
	return validate.Place{File: r.file, Line: n.Line, Column: n.Column}
}

func (r *reader) rules(n *yaml.Node, rules map[string]ruling) {
	if n == nil || len(r.fields(n)) == 0 {
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], resolved(n.Content[i+1])
		if why := unknown(key.Value, r.known); why != "" {
			r.fail(key, "%s", why)
			continue
		}
		severity, reason := value, ""
		if value.Kind == yaml.MappingNode {
			fields := r.fields(value, "severity", "reason")
			severity, reason = fields["severity"], r.text(fields["reason"])
		}
		if severity != nil && severity.Tag == "!!bool" && severity.Value == "false" {
			severity.Value = off // what off is in YAML 1.1
		}
		level := r.oneOf(severity, off, "error", "warning", "info")
		switch {
		case level == "" && (severity == nil || r.text(severity) == ""):
			r.fail(key, "%s needs a severity: off, error, warning or info", key.Value)
		case level == "":
		case level != string(validate.Error) && reason == "":
			r.fail(key, "a reason is missing: write %s: {severity: %s, reason: why}", key.Value, level)
		default:
			ruling := ruling{validate.Severity(level), reason, r.place(key)}
			if level == off {
				ruling.severity = ""
			}
			rules[key.Value] = ruling
		}
	}
}

func (r *reader) facts(n *yaml.Node) (all []string) {
	if n = resolved(n); empty(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "assume is a list of facts")
		return nil
	}
	for _, item := range n.Content {
		text := r.text(item)
		if _, err := traffic.ParseFacts([]string{text}); err != nil {
			r.fail(item, "%s (facts are written as %s)", err, strings.Join(traffic.FactForms, ", "))
		}
		all = append(all, text)
	}
	return all
}

func (r *reader) ignores(n *yaml.Node) (all []*waiver) {
	if n = resolved(n); empty(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "ignore is a list")
		return nil
	}
	for _, item := range n.Content {
		before := len(r.errs)
		f := r.fields(item, "rule", "path", "object", "reason", "until")
		w := &waiver{rule: r.text(f["rule"]), reason: r.text(f["reason"]), place: r.place(item)}
		path, object, until := r.text(f["path"]), r.text(f["object"]), r.text(f["until"])
		if len(r.errs) > before {
			continue
		}
		if w.rule == "" {
			r.fail(item, "rule is missing")
		} else if why := unknown(w.rule, r.known); why != "" {
			r.fail(f["rule"], "%s", why)
		}
		if w.reason == "" {
			r.fail(item, "reason is missing: say why this is ignored")
		}
		if path == "" && object == "" {
			r.fail(item, "path or object is missing: to turn a rule off everywhere, set it off under rules")
		}
		var err error
		if path != "" {
			if w.path, err = newGlob(path); err != nil {
				r.fail(f["path"], "%s", err)
			}
		}
		if object != "" {
			if w.object, err = newPattern(object); err != nil {
				r.fail(f["object"], "%s", err)
			}
		}
		if until != "" {
			if w.until, err = time.Parse(time.DateOnly, until); err != nil {
				r.fail(f["until"], "%q is no date: write it as 2006-01-02", until)
			}
		}
		all = append(all, w)
	}
	return all
}
