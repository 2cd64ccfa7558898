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
	turns, grows, parts, last := map[int64]bool{}, map[int64]bool{}, map[int64]bool{}, map[int64][]int64{}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.ComprehensionKind:
			turns[x.AsComprehension().LoopStep().ID()] = true
		case ast.CallKind:
			grows[x.ID()] = canGrow(tree.GetType(x.ID())) && !appends(x.AsCall())
			if all := multiplied(x.AsCall()); len(all) > 0 {
				for _, id := range all {
					parts[id] = true
				}
				last[all[len(all)-1]] = all
			}
		}
	}))
	return cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		_, call := i.(interpreter.InterpretableCall)
		switch {
		case turns[i.ID()]:
			i = &step{i, true}
		case call && grows[i.ID()]:
			i = &step{i, false}
		}
		if parts[i.ID()] {
			i = &weight{i, tree, last[i.ID()]}
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

// multiplied are the parts of a call whose result can be as large as the product of two of them; nobody could stop it
// once it has begun.
func multiplied(c ast.CallExpr) []int64 {
	if !c.IsMemberFunction() || c.FunctionName() != "replace" && c.FunctionName() != "join" {
		return nil
	}
	parts := []int64{c.Target().ID()}
	for _, a := range c.Args() {
		parts = append(parts, a.ID())
	}
	return parts
}

// A weight is a part of such a call. The last to be evaluated stops what would be too large.
type weight struct {
	interpreter.InterpretableV2
	of    *ast.AST
	parts []int64 // of the call, for the last of them
}

// A weighed part is one of an expression; a variable that it uses is another expression.
type weighed struct {
	of *ast.AST
	id int64
}

// Exec evaluates the part.
func (w *weight) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := w.InterpretableV2.Exec(f)
	counter, ok := f.ResolveName(stepsName)
	if !ok {
		return v
	}
	frame := counter.(*frame)
	if frame.weights == nil {
		frame.weights = map[weighed]int{}
	}
	frame.weights[weighed{w.of, w.ID()}] = heavy(v) + 1
	if w.parts != nil {
		product := 1
		for _, id := range w.parts {
			product = min(product*frame.weights[weighed{w.of, id}], 1<<30)
		}
		frame.count(product / 1024)
	}
	return v
}

// Eval is Exec for the library's older callers.
func (w *weight) Eval(a interpreter.Activation) ref.Val { return w.Exec(interpreter.AsFrame(a)) }

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

// heavy is the size of a value and, in a list, of its items.
func heavy(v ref.Val) int {
	n := size(v)
	if list, ok := v.(traits.Lister); ok {
		for all := list.Iterator(); all.HasNext() == types.True; {
			n += size(all.Next())
		}
	}
	return n
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
