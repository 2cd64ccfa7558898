package policy

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/meshscenario/scenario/traffic"
)

// A structure is a type of the data with fields of known types. A field that is written into no JSON because it is empty
// is there all the same, and empty: only objects of the bundle lack fields.
type structure struct {
	typ    *types.Type
	names  []string
	fields map[string]*types.FieldType
}

func newStructure(name string) *structure {
	return &structure{
		typ:    types.NewObjectType(name, traits.FieldTesterType|traits.IndexerType),
		fields: map[string]*types.FieldType{},
	}
}

// add adds a field whose value get makes.
func (s *structure) add(name string, t *types.Type, get func(v any) (ref.Val, error)) {
	s.names = append(s.names, name)
	s.fields[name] = &types.FieldType{
		Type:    t,
		GetFrom: func(v any) (any, error) { return get(v) },
		IsSet: func(v any) bool {
			field, err := get(v)
			return err == nil && !isEmpty(field)
		},
	}
}

func isEmpty(v ref.Val) bool {
	switch v := v.(type) {
	case *record:
		return reflect.ValueOf(v.value).Elem().IsZero()
	case traits.Sizer:
		return v.Size() == types.IntZero
	}
	return v == types.False || v == types.IntZero
}

// A model is the types of the data, for CEL.
type model struct {
	*types.Registry
	structures map[string]*structure
}

// hops are a path's, with what is known of each by its place.
type hop struct {
	*traffic.Hop
	leaves bool
}

type way struct {
	*traffic.Path
	hops []hop
}

type client struct{ Namespace, Name string }

type address struct {
	Scheme, Host, Path string
	Port               int
}

func newModel() (*model, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	m := &model{registry, map[string]*structure{}}

	of := func(v any) any { return v.(*hop).Hop }
	hops := m.declare("Hop", reflect.TypeFor[traffic.Hop](), of)
	hops.add("leaves", types.BoolType, func(v any) (ref.Val, error) { return types.Bool(v.(*hop).leaves), nil })

	requests := m.declare("Request", reflect.TypeFor[traffic.Request](), nil)
	clients := m.declare("Client", reflect.TypeFor[client](), nil)
	requests.add("client", clients.typ, func(v any) (ref.Val, error) {
		return &record{clients, clientOf(v.(*traffic.Request))}, nil
	})
	urls := m.declare("URL", reflect.TypeFor[address](), nil)
	requests.add("url", urls.typ, func(v any) (ref.Val, error) {
		return &record{urls, addressOf(v.(*traffic.Request))}, nil
	})

	paths := m.declare("Path", reflect.TypeFor[traffic.Path](), func(v any) any { return v.(*way).Path })
	paths.add("hops", types.NewListType(hops.typ), func(v any) (ref.Val, error) {
		w := v.(*way)
		all := make([]ref.Val, len(w.hops))
		for i := range w.hops {
			all[i] = &record{hops, &w.hops[i]}
		}
		return types.NewRefValList(m, all), nil
	})
	return m, nil
}

// named are fields that the model makes itself: hops know their place in the path, and each way of a request is a path.
var named = map[string]bool{"Path.hops": true, "Path.else": true}

// declare makes a structure of a Go type, with the names that JSON gives its fields. The values that it is read from are
// pointers; of, where there is one, finds them.
func (m *model) declare(name string, t reflect.Type, of func(any) any) *structure {
	if s := m.structures[name]; s != nil {
		return s
	}
	s := newStructure(name)
	m.structures[name] = s
	for i := range t.NumField() {
		f := t.Field(i)
		field, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if field == "" {
			field = strings.ToLower(f.Name)
		}
		if !f.IsExported() || named[name+"."+field] {
			continue
		}
		typ, wrap := m.typeOf(f.Type, name, f.Name)
		s.add(field, typ, func(v any) (ref.Val, error) {
			if of != nil {
				v = of(v)
			}
			return wrap(reflect.ValueOf(v).Elem().Field(i)), nil
		})
	}
	return s
}

// typeOf is the type of a Go type, and how its values are made. A structure without a name of its own is called after
// the field that holds it.
func (m *model) typeOf(t reflect.Type, owner, field string) (*types.Type, func(reflect.Value) ref.Val) {
	switch {
	case t.Kind() == reflect.String:
		return types.StringType, func(v reflect.Value) ref.Val { return types.String(v.String()) }
	case t.Kind() == reflect.Bool:
		return types.BoolType, func(v reflect.Value) ref.Val { return types.Bool(v.Bool()) }
	case t.Kind() == reflect.Int:
		return types.IntType, func(v reflect.Value) ref.Val { return types.Int(v.Int()) }
	case t == reflect.TypeFor[[]string]():
		return types.NewListType(types.StringType), func(v reflect.Value) ref.Val {
			return types.NewStringList(m, v.Interface().([]string))
		}
	case t == reflect.TypeFor[map[string]string]():
		return types.NewMapType(types.StringType, types.StringType), func(v reflect.Value) ref.Val {
			return types.NewStringStringMap(m, v.Interface().(map[string]string))
		}
	case t.Kind() == reflect.Slice:
		element, wrap := m.typeOf(t.Elem(), owner, field)
		return types.NewListType(element), func(v reflect.Value) ref.Val {
			all := make([]ref.Val, v.Len())
			for i := range all {
				all[i] = wrap(v.Index(i))
			}
			return types.NewRefValList(m, all)
		}
	case t.Kind() == reflect.Pointer:
		s := m.declare(t.Elem().Name(), t.Elem(), nil)
		return s.typ, func(v reflect.Value) ref.Val {
			if v.IsNil() {
				v = reflect.New(t.Elem())
			}
			return &record{s, v.Interface()}
		}
	case t.Kind() == reflect.Struct:
		name := t.Name()
		if name == "" {
			name = owner + field
		}
		s := m.declare(name, t, nil)
		return s.typ, func(v reflect.Value) ref.Val { return &record{s, v.Addr().Interface()} }
	}
	panic("policy: no type for " + t.String())
}

func clientOf(r *traffic.Request) *client {
	namespace, name, ok := strings.Cut(r.From, "/")
	if !ok {
		return &client{}
	}
	return &client{namespace, name}
}

// addressOf takes a URL apart; what is none was no request, and has no path.
func addressOf(r *traffic.Request) *address {
	u, err := url.Parse(r.To)
	if err != nil {
		return &address{}
	}
	a := &address{Scheme: u.Scheme, Host: strings.ToLower(u.Hostname()), Path: u.Path}
	if _, err := fmt.Sscan(u.Port(), &a.Port); err != nil {
		a.Port = map[string]int{"http": 80, "h2c": 80, "https": 443}[u.Scheme]
	}
	if a.Path == "" {
		a.Path = "/"
	}
	return a
}

// FindStructType makes the structures known to the checker of types.
func (m *model) FindStructType(name string) (*types.Type, bool) {
	if s := m.structures[name]; s != nil {
		return types.NewTypeTypeWithParam(s.typ), true
	}
	return m.Registry.FindStructType(name)
}

// FindStructFieldNames lists the fields of a structure.
func (m *model) FindStructFieldNames(name string) ([]string, bool) {
	if s := m.structures[name]; s != nil {
		return s.names, true
	}
	return m.Registry.FindStructFieldNames(name)
}

// FindStructFieldType is the type of a field, and how it is read.
func (m *model) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if s := m.structures[name]; s != nil {
		f, ok := s.fields[field]
		return f, ok
	}
	return m.Registry.FindStructFieldType(name, field)
}

// NewValue refuses to make data: rules only look at it.
func (m *model) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if m.structures[name] != nil {
		return types.NewErr("a %s cannot be made", name)
	}
	return m.Registry.NewValue(name, fields)
}

// NativeToValue leaves values of CEL as they are, and knows trees of objects.
func (m *model) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case ref.Val:
		return v
	case map[string]any:
		return types.NewStringInterfaceMap(m, v)
	}
	return m.Registry.NativeToValue(v)
}
