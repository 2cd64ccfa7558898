package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/meshscenario/scenario/nearest"
)

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
	if n := nearest.Of(name, functions); n != "" {
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
