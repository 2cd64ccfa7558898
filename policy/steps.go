package policy

import (
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// An expression that runs away is stopped after so many steps: a turn of a loop is one, and so are sixteen characters or
// items of a value that is made. The library's own count of costs takes time that grows with the square of a loop.
const stepLimit = 1_000_000

// timeLimit stops what takes few steps that are long, such as comparing large lists in a loop.
const timeLimit = 5 * time.Second

// stepsName is the name by which a step finds the frame that counts it; no expression can spell it.
const stepsName = "@steps"

// counting makes an expression count its steps.
func counting(tree *ast.AST) cel.ProgramOption {
	turns, grows := map[int64]bool{}, map[int64]bool{}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.ComprehensionKind:
			turns[x.AsComprehension().LoopStep().ID()] = true
		case ast.CallKind:
			grows[x.ID()] = canGrow(tree.GetType(x.ID())) && !appends(x.AsCall())
		}
	}))
	return cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		_, call := i.(interpreter.InterpretableCall)
		switch {
		case turns[i.ID()]:
			return &step{i, true}, nil
		case call && grows[i.ID()]:
			return &step{i, false}, nil
		}
		return i, nil
	})
}

func canGrow(t *types.Type) bool {
	switch t.Kind() {
	case types.StringKind, types.BytesKind, types.ListKind, types.MapKind, types.DynKind:
		return true
	}
	return false
}

// appends tells whether a call adds an item to the result of a loop, which is not copied.
func appends(c ast.CallExpr) bool {
	return c.FunctionName() == operators.Add && len(c.Args()) == 2 && c.Args()[0].Kind() == ast.IdentKind &&
		strings.HasPrefix(c.Args()[0].AsIdent(), "@")
}

// A step is a part of an expression that is counted.
type step struct {
	interpreter.InterpretableV2
	turn bool
}

// Exec evaluates the part, and stops the evaluation where that was one step too many.
func (s *step) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := s.InterpretableV2.Exec(f)
	if counter, ok := f.ResolveName(stepsName); ok {
		n := 1
		if !s.turn {
			n = size(v) / 16
		}
		counter.(*frame).count(n)
	}
	return v
}

// Eval is Exec for the library's older callers.
func (s *step) Eval(a interpreter.Activation) ref.Val { return s.Exec(interpreter.AsFrame(a)) }

func size(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case traits.Sizer:
		if n, ok := v.Size().(types.Int); ok {
			return int(n)
		}
	}
	return 0
}

// count adds steps. What it throws is caught by the library's evaluation, and comes out of it as an error.
func (f *frame) count(n int) {
	const between = 1024 // looks at the clock
	before := f.steps / between
	if f.steps += n; f.steps/between != before {
		if f.started.IsZero() {
			f.started = time.Now()
		} else if time.Since(f.started) > timeLimit {
			f.steps = stepLimit + 1
		}
	}
	if f.steps > stepLimit {
		panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: "too many steps"})
	}
}
