package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
)

// A frame holds the values that the expressions of a rule see. One goroutine uses it, for one thing after the other.
type frame struct {
	model  *model
	target ref.Val

	object         *bundle.Object
	tree           ref.Val // of the object, made when a rule first asks for it
	kind, ns, name ref.Val

	way           *way
	path, request ref.Val
	hop, index    ref.Val

	rule     *Rule
	computed []ref.Val // the rule's variables, as far as they were asked for
	steps    int       // of the rule
	started  time.Time // long before that many steps
	weights  map[weighed]int
}

func newFrame(m *model, target string) *frame {
	return &frame{model: m, target: types.String(target)}
}

func (f *frame) useObject(o *bundle.Object) {
	f.object, f.tree = o, nil
	f.kind, f.ns, f.name = types.String(o.Kind), types.String(o.Namespace), types.String(o.Name)
}

func (f *frame) useWay(p *traffic.Path) {
	f.way = &way{p, make([]hop, len(p.Hops))}
	for i := range p.Hops {
		f.way.hops[i] = hop{&p.Hops[i], leaves(p, i)}
	}
	f.path = &record{f.model.structures["Path"], f.way}
	f.request = &record{f.model.structures["Request"], &p.Request}
}

func (f *frame) useHop(i int) {
	f.hop = &record{f.model.structures["Hop"], &f.way.hops[i]}
	f.index = types.Int(i)
}

// leaves tells whether a hop sends the request out of the cluster: it is the last that sends anything, and to no workload
// and no Service.
func leaves(p *traffic.Path, i int) bool {
	h := &p.Hops[i]
	if i < len(p.Hops)-1 || h.Wire.Mode == "" || h.Proxy == traffic.Workload || h.Proxy == traffic.Application && p.Request.From == traffic.Outside {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(h.Destination.Host, "."))
	if host == "" {
		host = addressOf(&p.Request).Host
	}
	return host != "localhost" && strings.Contains(host, ".") && !strings.HasSuffix(host, ".svc") && !strings.HasSuffix(host, ".svc.cluster.local") ||
		strings.Contains(host, ":")
}

// use makes a rule's variables new.
func (f *frame) use(r *Rule) {
	f.rule, f.steps, f.started = r, 0, time.Time{}
	if len(r.variables) > 0 {
		f.computed = make([]ref.Val, len(r.variables))
	}
}

// variable is the value of one of the rule's variables.
func (f *frame) variable(i int) (ref.Val, error) {
	if f.computed[i] == nil {
		v, err := f.rule.variables[i].eval(f)
		if err != nil {
			return nil, err
		}
		f.computed[i] = v
	}
	return f.computed[i], nil
}

// ResolveName finds the value of a variable of CEL's.
func (f *frame) ResolveName(name string) (any, bool) {
	switch name {
	case "kind":
		return f.kind, true
	case "object":
		if f.tree == nil {
			f.tree = f.model.NativeToValue(f.object.Tree())
		}
		return f.tree, true
	case "ns":
		return f.ns, true
	case "name":
		return f.name, true
	case "hop":
		return f.hop, true
	case "path":
		return f.path, true
	case "request":
		return f.request, true
	case "index":
		return f.index, true
	case "target":
		return f.target, true
	case "params":
		return f.rule.params, true
	case "variables":
		return &record{f.rule.names, f}, true
	case stepsName:
		return f, true
	}
	return nil, false
}

// Parent is none: all that there is to see is in the frame.
func (f *frame) Parent() interpreter.Activation { return nil }

func (e *expression) eval(f *frame) (ref.Val, error) {
	v, _, err := e.program.Eval(f)
	if err != nil {
		return nil, &fault{e, err}
	}
	return v, nil
}

// holds evaluates a condition.
func (e *expression) holds(f *frame) (bool, error) {
	v, err := e.eval(f)
	if err != nil {
		return false, err
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, &fault{e, fmt.Errorf("it gives a value of the type %s, not true or false", v.Type().TypeName())}
	}
	return bool(b), nil
}

// write puts a text together.
func (t text) write(f *frame) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.value == nil {
			b.WriteString(p.words)
			continue
		}
		v, err := p.value.eval(f)
		if err != nil {
			return "", err
		}
		s, ok := words(v)
		if !ok {
			return "", &fault{p.value, fmt.Errorf("a value of the type %s cannot be written in a text", v.Type().TypeName())}
		}
		b.WriteString(s)
	}
	return strings.TrimSpace(b.String()), nil
}

// words writes a value for people; lists with commas.
func words(v ref.Val) (string, bool) {
	if list, ok := v.(traits.Lister); ok {
		var all []string
		for i := list.Iterator(); i.HasNext() == types.True; {
			s, ok := words(i.Next())
			if !ok {
				return "", false
			}
			all = append(all, s)
		}
		return strings.Join(all, ", "), true
	}
	s, ok := v.ConvertToType(types.StringType).(types.String)
	return string(s), ok
}
