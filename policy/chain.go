package policy

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// A link is one link of a chain of fields and items, such as .spec or [0].
type link struct {
	name  string // as a path writes it
	key   string // of a field
	index int    // of an item, or -1
	of    ast.Expr
}

// chain takes apart an expression such as object.spec.hosts[0]: the variable at its beginning, and what follows. Of
// other expressions the variable is "".
func chain(x ast.Expr) (root string, links []link) {
	for {
		switch x.Kind() {
		case ast.IdentKind:
			return x.AsIdent(), links
		case ast.SelectKind:
			s := x.AsSelect()
			links = append([]link{{"." + s.FieldName(), s.FieldName(), -1, s.Operand()}}, links...)
			x = s.Operand()
		case ast.CallKind:
			c := x.AsCall()
			name := c.FunctionName()
			if name != operators.Index && name != operators.OptIndex && name != operators.OptSelect || c.Args()[1].Kind() != ast.LiteralKind {
				return "", nil
			}
			switch v := c.Args()[1].AsLiteral().(type) {
			case types.String:
				step := fmt.Sprintf("[%q]", string(v))
				if namePattern.MatchString(string(v)) {
					step = "." + string(v)
				}
				links = append([]link{{step, string(v), -1, c.Args()[0]}}, links...)
			case types.Int:
				links = append([]link{{fmt.Sprintf("[%d]", v), "", int(v), c.Args()[0]}}, links...)
			default:
				return "", nil
			}
			x = c.Args()[0]
		default:
			return "", nil
		}
	}
}

func pathOf(links []link) string {
	var b strings.Builder
	for _, l := range links {
		b.WriteString(l.name)
	}
	return strings.TrimPrefix(b.String(), ".")
}

// rangeOf is what a loop goes through whose variable has a name, or "".
func (e *expression) rangeOf(variable string) string {
	found := ""
	ast.PreOrderVisit(e.tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.ComprehensionKind || x.AsComprehension().IterVar() != variable {
			return
		}
		if root, links := chain(x.AsComprehension().IterRange()); root != "" {
			found = strings.TrimPrefix(root+"."+pathOf(links), ".")
			found = strings.TrimSuffix(found, ".")
		}
	}))
	return found
}

// nodeOf is the part of an expression with a number.
func nodeOf(tree *ast.AST, id int64) (node ast.Expr, ok bool) {
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.ID() == id {
			node, ok = x, true
		}
	}))
	return node, ok
}
