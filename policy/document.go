package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

const (
	apiVersion = "meshscenario.io/v1alpha1"
	notPolicy  = "a policy begins apiVersion: " + apiVersion + ", kind: Policy"
)

// A form reads the fields of one map of a document.
type form struct {
	*loader
	object *bundle.Object
	path   string // of the map, "" for the document
	tree   map[string]any
	rule   string // the ID, once it is known
	called string // what problems of its expressions call them, instead of the field
}

// at is where a field of the form is written.
func (f *form) at(key string) bundle.Position { return f.object.At(f.full(key)) }

func (f *form) full(key string) string {
	if f.path == "" {
		return key
	}
	return f.path + "." + key
}

func (f *form) wrong(key, hint, format string, args ...any) {
	f.problem(f.at(key), f.rule, f.full(key), hint, format, args...)
}

// only refuses fields that are none of the known.
func (f *form) only(known ...string) {
	var unknown []string
	for key := range f.tree {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		at := f.object.At(f.path + "[" + fmt.Sprintf("%q", key) + "]")
		hint := meant("a field here", key, known)
		if key == "true" && slices.Contains(known, "each") {
			hint = "YAML reads on as true; what a rule looks at is each: object, path or hop"
		}
		f.problem(at, f.rule, f.path, hint, "unknown field %s", quote(key))
	}
}

// text reads a text; one that must be there and is not is a problem.
func (f *form) text(key string, must bool) string {
	v, written := f.tree[key]
	if !written || v == nil {
		if must {
			f.wrong(key, "", "missing")
		}
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		f.wrong(key, "put it in quotes if it is meant as text", "%s, but text is wanted", describe(v))
	case must && strings.TrimSpace(s) == "":
		f.wrong(key, "", "empty")
	}
	return s
}

// oneOf reads one of some words.
func (f *form) oneOf(key string, must bool, words ...string) string {
	s := f.text(key, must)
	if s != "" && !slices.Contains(words, s) {
		f.wrong(key, meant(key, s, words), "unknown value %s", quote(s))
		return ""
	}
	return s
}

// sub is the form of a field that is a map.
func (f *form) sub(key string) *form {
	tree, ok := f.tree[key].(map[string]any)
	if !ok && f.tree[key] != nil {
		f.wrong(key, "", "%s, but fields are wanted", describe(f.tree[key]))
	}
	return &form{loader: f.loader, object: f.object, path: f.full(key), tree: tree, rule: f.rule}
}

// list are the forms of a field that is a list of maps.
func (f *form) list(key string) []*form {
	items, ok := f.tree[key].([]any)
	if !ok && f.tree[key] != nil {
		f.wrong(key, "", "%s, but a list is wanted", describe(f.tree[key]))
	}
	var all []*form
	for i, item := range items {
		path := fmt.Sprintf("%s[%d]", key, i)
		tree, ok := item.(map[string]any)
		if !ok {
			f.wrong(path, "", "%s, but fields are wanted", describe(item))
			continue
		}
		all = append(all, &form{loader: f.loader, object: f.object, path: f.full(path), tree: tree, rule: f.rule})
	}
	return all
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return quote(v)
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case bool:
		return fmt.Sprintf("the truth value %v", v)
	}
	return fmt.Sprintf("the number %v", v)
}

// document reads one document.
func (l *loader) document(o *bundle.Object) {
	if o.Kind != "Policy" || o.APIVersion != apiVersion {
		key := "kind"
		if o.Kind == "Policy" {
			key = "apiVersion"
		}
		l.problem(o.At(key), "", "", notPolicy, "%s of %s is no policy", o.Kind, o.APIVersion)
		return
	}
	f := &form{loader: l, object: o, tree: o.Tree()}
	f.only("apiVersion", "kind", "metadata", "spec")
	metadata := f.sub("metadata")
	metadata.only("name", "labels", "annotations")
	name := metadata.text("name", true)
	if before, twice := l.names[name]; twice && name != "" {
		metadata.wrong("name", "", "there is a policy %s at %s already", quote(name), before)
	}
	l.names[name] = metadata.at("name")
	spec := f.sub("spec")
	spec.only("params", "rules")
	scope := scope{params: spec.params(name)}
	rules := spec.list("rules")
	if len(rules) == 0 && spec.tree["rules"] == nil {
		spec.wrong("rules", "", "missing")
	}
	for _, r := range rules {
		r.readRule(name, scope)
	}
}

var (
	idPattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,39}$`)
	namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func (f *form) readRule(policy string, s scope) {
	id := f.text("id", true)
	f.rule = id
	switch before, twice := f.ids[id]; {
	case id == "":
	case !idPattern.MatchString(id):
		f.wrong("id", "such as ACME-001: letters, digits, dots and dashes, 40 at most", "%s is no ID", quote(id))
		f.rule = ""
	case strings.HasPrefix(strings.ToUpper(id), "MSH"):
		f.wrong("id", "begin it with your own name, such as ACME-001", "IDs that begin with MSH are those of the built-in rules")
	case twice:
		f.wrong("id", "", "there is a rule of this ID at %s already", before)
	default:
		f.ids[id] = f.at("id")
	}
	f.only("id", "title", "severity", "each", "variables", "match", "require", "message", "consequence", "fix", "field")
	r := &Rule{
		ID: id, Policy: policy, Title: f.text("title", true), At: f.at("id"),
		Each:     Subject(f.oneOf("each", true, string(Object), string(Path), string(Hop))),
		Severity: validate.Severity(f.oneOf("severity", true, string(validate.Error), string(validate.Warning), string(validate.Info))),
	}
	if f.tree["field"] != nil && (r.Each == Path || r.Each == Hop) {
		f.wrong("field", "leave it out", "only rules about objects point at a field")
	}
	if r.Each == "" {
		return // nothing is known of what its expressions may see
	}
	before := len(f.problems)
	s.subject = r.Each
	if s.params != nil {
		r.params = s.params.value
	}
	f.variables(r, &s)
	r.names = s.variables
	if len(f.problems) > before {
		return
	}
	r.match = f.expression("match", false, s, types.BoolType)
	r.require = f.expression("require", true, s, types.BoolType)
	r.message = f.template("message", s)
	r.consequence = f.template("consequence", s)
	r.fix = f.template("fix", s)
	r.field = f.template("field", s)
	if len(r.field) == 0 && r.Each == Object && r.require != nil {
		if field := r.require.firstField("object"); field != "" {
			r.field = text{{words: field}}
		}
	}
	f.set.rules = append(f.set.rules, r)
}

// variables reads the variables of a rule, of which each may use those before it.
func (f *form) variables(r *Rule, s *scope) {
	for _, v := range f.list("variables") {
		if s.variables == nil {
			s.variables = newStructure("variables of " + f.rule)
			f.set.model.structures[s.variables.typ.TypeName()] = s.variables
		}
		v.only("name", "expression")
		name := v.text("name", true)
		if name == "" {
			continue
		}
		if !namePattern.MatchString(name) {
			v.wrong("name", "letters, digits and _", "%s is no name of a variable", quote(name))
			continue
		}
		if s.variables.fields[name] != nil {
			v.wrong("name", "", "there is a variable %s already", quote(name))
			continue
		}
		v.called = "variables." + name
		e := v.expression("expression", true, *s, nil)
		if e == nil {
			continue
		}
		i := len(r.variables)
		r.variables = append(r.variables, e)
		s.variables.add(name, e.typ, func(v any) (ref.Val, error) { return v.(*frame).variable(i) })
	}
}

// params makes the data of a policy a value with fields, so that a misspelt one is found when the policy is read.
func (f *form) params(policy string) *parameters {
	if f.tree["params"] == nil {
		return nil
	}
	sub := f.sub("params")
	s := newStructure("params of " + policy)
	for _, key := range sortedKeys(sub.tree) {
		v := sub.tree[key]
		if !namePattern.MatchString(key) {
			sub.wrong(key, "letters, digits and _", "%s is no name that an expression can have", quote(key))
			continue
		}
		value := f.set.model.NativeToValue(v)
		s.add(key, typeOfData(v), func(any) (ref.Val, error) { return value, nil })
	}
	f.set.model.structures[s.typ.TypeName()] = s
	return &parameters{s.typ, &record{s, new(struct{})}}
}

type parameters struct {
	typ   *types.Type
	value ref.Val
}

// typeOfData is the type of a value of YAML, as far as its parts are alike.
func typeOfData(v any) *types.Type {
	common := func(t, other *types.Type) *types.Type {
		if t == nil || t.String() == other.String() {
			return other
		}
		return types.DynType
	}
	switch v := v.(type) {
	case string:
		return types.StringType
	case bool:
		return types.BoolType
	case int64:
		return types.IntType
	case float64:
		return types.DoubleType
	case []any:
		element := types.DynType
		for i, item := range v {
			if t := typeOfData(item); i == 0 {
				element = t
			} else {
				element = common(element, t)
			}
		}
		return types.NewListType(element)
	case map[string]any:
		var value *types.Type
		for _, item := range v {
			value = common(value, typeOfData(item))
		}
		if value == nil {
			value = types.DynType
		}
		return types.NewMapType(types.StringType, value)
	}
	return types.DynType
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
