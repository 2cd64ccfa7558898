package policy

import (
	"fmt"
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// A record is a value of a structure.
type record struct {
	*structure
	value any
}

// ConvertToNative is for programs that make Go values; there is none.
func (r *record) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s is no %s", r.typ.TypeName(), t)
}

// ConvertToType knows the type itself.
func (r *record) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.TypeType:
		return r.typ
	case r.typ:
		return r
	}
	return types.NewErr("a %s is no %s", r.typ.TypeName(), t.TypeName())
}

// Equal compares all that two records hold.
func (r *record) Equal(other ref.Val) ref.Val {
	o, ok := other.(*record)
	return types.Bool(ok && o.typ == r.typ && reflect.DeepEqual(o.value, r.value))
}

// Type is the structure's.
func (r *record) Type() ref.Type { return r.typ }

// Value is what the fields are read from.
func (r *record) Value() any { return r.value }

// Get reads a field whose structure was not known when the expression was checked.
func (r *record) Get(index ref.Val) ref.Val {
	f, ok := r.fields[fmt.Sprint(index.Value())]
	if !ok {
		return types.NewErr("a %s has no field %v", r.typ.TypeName(), index.Value())
	}
	v, err := f.GetFrom(r.value)
	if err != nil {
		return types.WrapErr(err)
	}
	return v.(ref.Val)
}

// IsSet tells whether such a field holds anything.
func (r *record) IsSet(index ref.Val) ref.Val {
	f, ok := r.fields[fmt.Sprint(index.Value())]
	if !ok {
		return types.NewErr("a %s has no field %v", r.typ.TypeName(), index.Value())
	}
	return types.Bool(f.IsSet(r.value))
}
