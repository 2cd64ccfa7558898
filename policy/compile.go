package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
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
