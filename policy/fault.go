package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/interpreter"
)

// A fault is an expression that came to no value.
type fault struct {
	*expression
	err error
}

func (f *fault) Error() string { return f.err.Error() }

// problem words the fault.
func (f *fault) problem() *Problem {
	var inner *fault
	if errors.As(f.err, &inner) {
		return inner.problem() // of a variable that the expression uses
	}
	var cancelled interpreter.EvalCancelledError
	if errors.As(f.err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded {
		return f.expression.problem(0, "let match leave out what the rule is not about, and loop over less", "stopped: it takes more than %d steps, or %v", stepLimit, timeLimit)
	}
	var failed *types.Err
	if !errors.As(f.err, &failed) {
		return f.expression.problem(0, "", "%v", f.err)
	}
	offset := 0
	if at := f.tree.SourceInfo().GetStartLocation(failed.NodeID()); at.Line() > 0 {
		offset = f.offsetOf(at.Line(), at.Column())
	}
	text, hint := f.explainFault(failed)
	return f.expression.problem(offset, hint, "%s", text)
}

// explainFault says what is missing. The library tells it in words alone: its errors have no type that can be seen.
func (f *fault) explainFault(failed *types.Err) (text, hint string) {
	text = failed.Error()
	node, ok := nodeOf(f.tree, failed.NodeID())
	if !ok {
		return text, ""
	}
	key, noKey := strings.CutPrefix(text, "no such key: ")
	index, noItem := strings.CutPrefix(text, "index out of bounds: ")
	root, links := chain(node)
	for i, l := range links {
		whole := root + "." + pathOf(links[:i+1])
		switch {
		case noKey && l.key == key:
			owner, field := root, pathOf(links[:i+1])
			if items := f.rangeOf(root); items != "" {
				owner = "an item of " + items
			}
			return fmt.Sprintf("%s has no %s", owner, field), fmt.Sprintf("ask first: has(%s)", whole)
		case noItem && fmt.Sprint(l.index) == index:
			return fmt.Sprintf("%s has no item %s", strings.TrimSuffix(root+"."+pathOf(links[:i]), "."), index), "ask for size() first"
		}
	}
	if text == "no such overload" && node.Kind() == ast.CallKind {
		name := node.AsCall().FunctionName()
		if operator, ok := operators.FindReverse(name); ok && operator != "" {
			name = operator
		}
		return "a value is not of a type that " + name + " takes", "type(x) == list tells a list from a text; has(x) tells whether it is there"
	}
	return text, ""
}
