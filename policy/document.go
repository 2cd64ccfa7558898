package policy

import (
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
