package policy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// A scope is what the expressions of a rule may see.
type scope struct {
	subject   Subject
	params    *parameters
	variables *structure
}

// names are the variables that a rule about a subject sees, with their types.
func (m *model) names(subject Subject) []variable {
	all := []variable{{"target", types.StringType}}
	path := m.structures["Path"].typ
	switch subject {
	case Object:
		return append(all, variable{"object", types.DynType}, variable{"kind", types.StringType},
			variable{"ns", types.StringType}, variable{"name", types.StringType})
	case Hop:
		all = append(all, variable{"hop", m.structures["Hop"].typ}, variable{"index", types.IntType})
	}
	return append(all, variable{"path", path}, variable{"request", m.structures["Request"].typ})
}

type variable struct {
	name string
	typ  *types.Type
}

func (m *model) of(s scope) []variable {
	all := m.names(s.subject)
	if s.params != nil {
		all = append(all, variable{"params", s.params.typ})
	}
	if s.variables != nil {
		all = append(all, variable{"variables", s.variables.typ})
	}
	return all
}

// env is made once for all rules that see the same.
func (l *loader) env(s scope) (*cel.Env, error) {
	var key strings.Builder
	var options []cel.EnvOption
	for _, v := range l.set.model.of(s) {
		options = append(options, cel.Variable(v.name, v.typ))
		key.WriteString(v.name + " " + v.typ.TypeName() + "\n")
	}
	env, made := l.envs[key.String()]
	if made {
		return env, nil
	}
	env, err := l.base.Extend(options...)
	if err == nil {
		l.envs[key.String()] = env
	}
	return env, err
}

// An expression is ready to be evaluated.
type expression struct {
	rule, field string
	spot        spot
	offset      int // of the expression in the spot's text
	source      string
	program     cel.Program
	tree        *ast.AST
	typ         *types.Type
}

// A text is words with expressions in between.
type text []part

type part struct {
	words string
	value *expression // nil for words
}

// expression reads a field that is an expression of a type, or of any.
func (f *form) expression(key string, must bool, s scope, want *types.Type) *expression {
	source := f.text(key, must)
	if strings.TrimSpace(source) == "" {
		return nil
	}
	e := f.compile(f.spot(key, source), 0, source, key, s)
	if e != nil && want != nil && e.typ.Kind() != types.DynKind && e.typ.String() != want.String() {
		f.problems = append(f.problems, e.problem(0, "", "it gives a value of the type %s, not %s", e.typ, want))
		return nil
	}
	return e
}

// template reads a field that is words with expressions in ${…}.
func (f *form) template(key string, s scope) text {
	source := f.text(key, false)
	all, open := pieces(source)
	at := f.spot(key, source)
	if open >= 0 {
		e := &expression{rule: f.rule, field: key, spot: at, source: source}
		f.problems = append(f.problems, e.problem(open, "write $${ for a ${ that is meant as it is", "this ${ is never closed"))
		return nil
	}
	var t text
	for _, p := range all {
		if p.source == "" && p.words != "" {
			t = append(t, part{words: p.words})
			continue
		}
		e := f.compile(at, p.offset, p.source, key, s)
		if e == nil {
			return nil
		}
		if !writable(e.typ) {
			f.problems = append(f.problems, e.problem(0, "name a field of it", "a value of the type %s cannot be written in a text", e.typ))
			return nil
		}
		t = append(t, part{value: e})
	}
	return t
}

// writable tells whether values of a type can be words.
func writable(t *types.Type) bool {
	switch t.Kind() {
	case types.ListKind:
		return writable(t.Parameters()[0])
	case types.StructKind, types.MapKind, types.TypeKind:
		return false
	}
	return true
}

func (f *form) spot(key, source string) spot {
	at := f.at(key)
	return spot{text: source, key: at, file: f.file(at.File)}
}

// compile checks an expression. What is wrong with it is a problem, and there is none.
func (f *form) compile(at spot, offset int, source, key string, s scope) *expression {
	e := &expression{rule: f.rule, field: cmp.Or(f.called, key), spot: at, offset: offset, source: source}
	if strings.TrimSpace(source) == "" {
		f.problems = append(f.problems, e.problem(0, "", "no expression"))
		return nil
	}
	env, err := f.env(s)
	if err != nil {
		f.problems = append(f.problems, e.problem(0, "", "%v", err))
		return nil
	}
	parsed, issues := env.Parse(source)
	checked := parsed
	if issues.Err() == nil {
		e.tree = parsed.NativeRep()
		checked, issues = env.Check(parsed)
	}
	if issues.Err() != nil {
		// What follows the first is often only its consequence.
		first := slices.MinFunc(issues.Errors(), func(a, b *cel.Error) int {
			return cmp.Or(cmp.Compare(a.Location.Line(), b.Location.Line()), cmp.Compare(a.Location.Column(), b.Location.Column()))
		})
		text, hint := e.explain(first, env, f.set.model, s)
		f.problems = append(f.problems, e.problem(e.offsetOf(first.Location.Line(), first.Location.Column()), hint, "%s", text))
		return nil
	}
	e.tree, e.typ = checked.NativeRep(), checked.OutputType()
	e.program, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), counting(e.tree))
	if err != nil {
		f.problems = append(f.problems, e.problem(0, "", "%v", err))
		return nil
	}
	return e
}

// explain words an error of CEL's.
func (e *expression) explain(issue *cel.Error, env *cel.Env, m *model, s scope) (text, hint string) {
	text = strings.TrimSuffix(strings.TrimPrefix(issue.Message, "Syntax error: "), " (in container '')")
	text, _, _ = strings.Cut(text, " expecting {")
	if e.tree == nil {
		if text == "reserved identifier: namespace" {
			hint = "the namespace of an object is ns, or object.metadata.namespace"
		}
		return text, hint
	}
	node, ok := nodeOf(e.tree, issue.ExprID)
	if !ok {
		return text, ""
	}
	switch node.Kind() {
	case ast.IdentKind:
		var names []string
		for _, v := range m.of(s) {
			names = append(names, v.name)
		}
		return "there is no variable " + node.AsIdent(), meant("a variable here", node.AsIdent(), names)
	case ast.CallKind:
		return explainCall(node.AsCall().FunctionName(), text, env)
	case ast.SelectKind:
		field := node.AsSelect().FieldName()
		owner := m.structureOf(node.AsSelect().Operand(), s)
		if owner == nil {
			return "there is no field " + field + " here", ""
		}
		return "there is no field " + field + " in " + owner.typ.TypeName(), meant("a field there", field, owner.names)
	case ast.LiteralKind:
		if pattern, ok := node.AsLiteral().(types.String); ok && text == "invalid matches argument" {
			_, err := regexp.Compile(string(pattern))
			return strings.TrimPrefix(fmt.Sprint(err), "error parsing regexp: "), "matches takes a regular expression of RE2"
		}
	}
	return text, ""
}

// explainCall words an error about a function.
func explainCall(name, text string, env *cel.Env) (words, hint string) {
	if env.HasFunction(name) {
		if _, given, ok := strings.Cut(text, " applied to '"); ok {
			if operator, is := operators.FindReverse(name); is && operator != "" {
				name = operator
			}
			return name + " does not take " + strings.TrimSuffix(given, "'"), ""
		}
		return text, ""
	}
	functions := []string{"all", "exists", "exists_one", "map", "filter", "has"}
	for f := range env.Functions() {
		if namePattern.MatchString(f) {
			functions = append(functions, f)
		}
	}
	slices.Sort(functions)
	if n := nearest(name, functions); n != "" {
		hint = "did you mean " + n + "?"
	}
	return "there is no function " + name, hint
}

// structureOf is the structure of what a variable or a field of one holds, as far as that is written without loops.
func (m *model) structureOf(x ast.Expr, s scope) *structure {
	switch x.Kind() {
	case ast.IdentKind:
		for _, v := range m.of(s) {
			if v.name == x.AsIdent() {
				return m.structures[v.typ.TypeName()]
			}
		}
	case ast.SelectKind:
		if owner := m.structureOf(x.AsSelect().Operand(), s); owner != nil {
			if f := owner.fields[x.AsSelect().FieldName()]; f != nil {
				return m.structures[f.Type.TypeName()]
			}
		}
	}
	return nil
}

// offsetOf turns a line and column of CEL's into an offset of the expression.
func (e *expression) offsetOf(line, column int) int {
	i := 0
	for ; line > 1; line-- {
		end := strings.IndexByte(e.source[i:], '\n')
		if end < 0 {
			break
		}
		i += end + 1
	}
	for range e.source[i:] {
		if column <= 0 {
			break
		}
		column--
		i += len(string([]rune(e.source[i:])[0]))
	}
	return i
}

// problem is one at an offset of the expression.
func (e *expression) problem(offset int, hint, format string, args ...any) *Problem {
	return &Problem{
		At: e.spot.at(e.offset + offset), Rule: e.rule, Field: e.field, Text: fmt.Sprintf(format, args...), Hint: hint,
		Excerpt: e.spot.excerpt(e.offset + offset),
	}
}

// firstField is the first field of a variable that the expression reads, as far as it can be written as a path.
func (e *expression) firstField(variable string) string {
	found := ""
	ast.PreOrderVisit(e.tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if root, steps := chain(x); found == "" && root == variable && len(steps) > 0 {
			found = pathOf(steps)
		}
	}))
	return found
}
