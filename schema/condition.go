package schema

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// A condition relates the fields of an object to each other: OpenAPI's words for that, without those about types.
type condition struct {
	OneOf      []*condition
	AnyOf      []*condition
	AllOf      []*condition
	Not        *condition
	Required   []string
	Properties map[string]*condition
	Enum       []any
	MaxLength  *int
	Type       string
	Default    string // what the API server takes where nothing is written
}

// holds tells whether a value meets the condition.
func (c *condition) holds(v object) bool {
	if c == nil {
		return true
	}
	for _, name := range c.Required {
		if v.kind() == '{' && !v.has(name) {
			return false
		}
	}
	for name, child := range c.Properties {
		value := v.get(name)
		if value == nil && child.Default != "" {
			value = raw(strconv.Quote(child.Default))
		}
		if value != nil && !child.holds(object{raw: value}) {
			return false
		}
	}
	if len(c.Enum) > 0 && !slices.ContainsFunc(c.Enum, func(e any) bool { return same(e, v.raw) }) {
		return false
	}
	if c.MaxLength != nil && v.kind() == '"' && utf8.RuneCountInString(v.string()) > *c.MaxLength {
		return false
	}
	if c.Type != "" && !hasType(v.raw, c.Type) {
		return false
	}
	holds := func(c *condition) bool { return c.holds(v) }
	for _, child := range c.AllOf {
		if !child.holds(v) {
			return false
		}
	}
	if c.AnyOf != nil && !slices.ContainsFunc(c.AnyOf, holds) {
		return false
	}
	if c.OneOf != nil {
		n := 0
		for _, child := range c.OneOf {
			if child.holds(v) {
				n++
			}
		}
		if n != 1 {
			return false
		}
	}
	return c.Not == nil || !c.Not.holds(v)
}

// same compares a value with one of an enum.
func same(e any, v raw) bool {
	switch e := e.(type) {
	case string:
		return v.is(e)
	case float64:
		f, ok := v.number()
		return ok && f == e
	case nil:
		return v.null()
	}
	return false
}

// rivals are the fields of which the condition wants at most one, as far as it is of that form: each alternative is a
// field that is required, and one is that none of them is there.
func (c *condition) rivals() []string {
	var names []string
	for _, alternative := range c.OneOf {
		names = append(names, alternative.Required...)
	}
	for _, child := range c.AllOf {
		names = append(names, child.rivals()...)
	}
	return names
}
