package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Draft is a definition as it was written: only what the user said, and where each word of it stands.
type Draft struct {
	Definition Definition
	At         Position // of the document
	places     map[string]Position
}

// Place is where the field was written; for a field that was not, where the nearest written parent is.
func (d *Draft) Place(path string) Position {
	for path != "" {
		if p, ok := d.places[path]; ok {
			return p
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return d.At
}

// Written tells whether the user wrote this field.
func (d *Draft) Written(path string) bool {
	_, ok := d.places[path]
	return ok
}

// writtenBelow tells whether the user wrote a field below this one.
func (d *Draft) writtenBelow(path string) bool {
	for p := range d.places {
		if strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}

// maxDocument bounds one input: a definition is a page, and 2,500 of them are a megabyte.
const maxDocument = 64 << 20

// Read reads definitions: YAML documents (or JSON, which is YAML), each one Scenario. Empty documents are passed over.
// The error joins a [Problem] for each thing that is wrong, in the order they stand in the file.
func Read(r io.Reader, file string) ([]*Draft, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(data) > maxDocument {
		return nil, &Problem{At: Position{File: file}, Text: fmt.Sprintf("more than %d MiB of definitions", maxDocument>>20), Hint: "split the file"}
	}
	if err := unreadable(file, data); err != nil {
		return nil, err
	}
	var drafts []*Draft
	var problems []error
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc yaml.Node
		err := decodeNext(decoder, &doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, syntaxProblem(err, file, data))
			break
		}
		root := resolve(&doc)
		if root.Kind == yaml.DocumentNode {
			if len(root.Content) == 0 {
				continue
			}
			root = resolve(root.Content[0])
		}
		if isNull(root) {
			continue
		}
		d := &Draft{At: position(file, root), places: map[string]Position{}}
		in := reader{file: file, draft: d}
		in.document(root)
		problems = append(problems, in.problems...)
		drafts = append(drafts, d)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if len(drafts) == 0 {
		return nil, &Problem{At: Position{File: file, Line: 1, Column: 1}, Text: "no definition in it", Hint: "a definition has apiVersion: " + apiVersion + " and kind: Scenario"}
	}
	return drafts, nil
}

const apiVersion = "meshscenario.io/v1alpha1"

// decodeNext turns the panics that yaml.v3 still has for some broken input into errors.
func decodeNext(decoder *yaml.Decoder, doc *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return decoder.Decode(doc)
}

func resolve(n *yaml.Node) *yaml.Node {
	for depth := 0; n.Kind == yaml.AliasNode && n.Alias != nil && depth < 8; depth++ {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func position(file string, n *yaml.Node) Position {
	return Position{File: file, Line: max(n.Line, 1), Column: max(n.Column, 1)}
}

// A reader fills one draft from one document. The schema bounds its depth, so aliases cannot make it run away.
type reader struct {
	file     string
	draft    *Draft
	problems []error
}

func (r *reader) problem(n *yaml.Node, path, hint, format string, args ...any) {
	r.problems = append(r.problems, &Problem{At: position(r.file, n), Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *reader) document(root *yaml.Node) {
	if root.Kind != yaml.MappingNode {
		r.problem(root, "", "a definition has apiVersion: "+apiVersion+" and kind: Scenario", "%s is not a definition", describe(root))
		return
	}
	head := map[string]*yaml.Node{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		head[root.Content[i].Value] = resolve(root.Content[i+1])
	}
	for _, want := range [][2]string{{"kind", "Scenario"}, {"apiVersion", apiVersion}} {
		got := head[want[0]]
		if got == nil {
			r.problem(root, "", "a definition begins apiVersion: "+apiVersion+", kind: Scenario", "no %s, so this is no definition", want[0])
			return
		}
		if got.Value != want[1] {
			r.problem(got, want[0], "render reads definitions, "+want[0]+": "+want[1], "%s is not %s", describe(got), want[1])
			return
		}
	}
	r.value(root, "", reflect.ValueOf(&r.draft.Definition).Elem(), "")
	if head["spec"] == nil {
		r.problem(root, "spec", "", "missing")
	}
}

// value reads node n into v, which is the field at path.
func (r *reader) value(n *yaml.Node, path string, v reflect.Value, enum string) {
	n = resolve(n)
	if isNull(n) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if n.Kind != yaml.MappingNode {
			r.problem(n, path, "", "%s, but fields are wanted: %s", describe(n), strings.Join(fieldNames(v.Type()), ", "))
			return
		}
		r.pairs(n, path, func(key, value *yaml.Node, at string) {
			f, ok := field(v.Type(), key.Value)
			if !ok {
				hint := meant("a field here", key.Value, fieldNames(v.Type()))
				if key.Value == "<<" {
					hint = "merge keys are not understood: repeat the fields"
				}
				r.problem(key, path, hint, "unknown field %q", key.Value)
				return
			}
			if isNull(resolve(value)) {
				return // as if it were not written
			}
			r.draft.places[at] = position(r.file, resolve(value))
			r.value(value, at, v.FieldByIndex(f.Index), f.Tag.Get("enum"))
		})
	case reflect.Map:
		if n.Kind != yaml.MappingNode {
			r.problem(n, path, "", "%s, but name: value pairs are wanted", describe(n))
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		r.pairs(n, path, func(key, value *yaml.Node, at string) {
			var text string
			if isNull(resolve(value)) {
				r.problem(value, at, `write "" for an empty value`, "nothing, but text is wanted")
				return
			}
			r.value(value, at, reflect.ValueOf(&text).Elem(), "")
			r.draft.places[at] = position(r.file, resolve(value))
			v.SetMapIndex(reflect.ValueOf(key.Value), reflect.ValueOf(text))
		})
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			r.problem(n, path, "write [a, b]", "%s, but a list is wanted", describe(n))
			return
		}
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			r.draft.places[at] = position(r.file, resolve(item))
			element := reflect.New(v.Type().Elem()).Elem()
			r.value(item, at, element, "")
			v.Set(reflect.Append(v, element))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(n, path, v.Elem(), enum)
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			r.problem(n, path, "write true or false, without quotes", "%s, but true or false is wanted", describe(n))
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || !plainNumber.MatchString(n.Value) {
			hint := "write it in plain digits"
			if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && plainNumber.MatchString(n.Value) {
				hint = "leave the quotes out"
			}
			r.problem(n, path, hint, "%s, but a whole number is wanted", describe(n))
			return
		}
		number, err := strconv.Atoi(n.Value)
		if err != nil {
			r.problem(n, path, "", "%s is too large", n.Value)
			return
		}
		v.SetInt(int64(number))
	case reflect.String:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" && n.Tag != "!!timestamp" {
			hint := ""
			if n.Kind == yaml.ScalarNode {
				hint = "put it in quotes if it is meant as text"
				if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
					hint = "tags such as " + n.Tag + " are not understood"
				}
			}
			r.problem(n, path, hint, "%s, but text is wanted", describe(n))
			return
		}
		if text, ok := checkEnum(path, n.Value, enum); !ok {
			r.problem(n, path, text, "unknown value %q", n.Value)
			return
		}
		v.SetString(n.Value)
	default:
		panic("scenarios: no reader for " + v.Kind().String())
	}
}

// plainNumber is a decimal number that YAML 1.1 and 1.2 read alike.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// pairs calls f for each pair of a mapping, after refusing keys that are no text or come twice.
func (r *reader) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node, at string)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.problem(key, path, "", "%s as the name of a field", describe(key))
			continue
		}
		if line, twice := seen[key.Value]; twice {
			r.problem(key, path, "", "%q is already given in line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		at := key.Value
		if path != "" {
			at = path + "." + key.Value
		}
		f(key, value, at)
	}
}

// describe names a node for people.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return "the truth value " + n.Value
	}
	return strconv.Quote(n.Value)
}

// other words that people use for a value.
var synonyms = map[string]string{
	"mtls": "mutual", "MUTUAL": "mutual", "tls": "simple", "SIMPLE": "simple", "https": "tls", "plain": "none", "plaintext": "none",
	"DISABLE": "none", "REGISTRY_ONLY": "registry-only", "ALLOW_ANY": "allow-any", "STRICT": "strict", "PERMISSIVE": "permissive",
	"smm": "member", "smmr": "roll", "file": "mount", "files": "mount",
}

// checkEnum tells whether value is one of the enum's; if not, the text is a hint.
func checkEnum(path, value, enum string) (string, bool) {
	if enum == "" {
		return "", true
	}
	values := strings.Split(enum, ",")
	for _, v := range values {
		if v == value {
			return "", true
		}
	}
	name := path[strings.LastIndex(path, ".")+1:]
	if s, ok := synonyms[value]; ok && strings.Contains(","+enum+",", ","+s+",") {
		return "did you mean " + s + "? " + name + " can be " + oneOf(values), false
	}
	return meant(name, value, values), false
}

func field(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := 0; i < t.NumField(); i++ {
		if f := t.Field(i); f.Tag.Get("json") == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	sort.Strings(names)
	return names
}
