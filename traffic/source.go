package traffic

import (
	"strconv"

	"github.com/meshscenario/scenario/bundle"
)

// A source is where something in the index came from.
type source struct {
	id     bundle.ID
	object *bundle.Object // nil where nobody wrote it
	age    int            // the place in the order of creation
	// as is the field to name instead of any: an operator makes several objects of one.
	as string
	// given says that it is a fact, which nobody wrote.
	given bool
}

// A decision is a field of a source that had a say.
type decision struct {
	source *source
	field  string
}

func (s *source) decision(field string) *decision {
	if s == nil {
		return nil
	}
	if s.as != "" {
		field = s.as
	}
	return &decision{s, field}
}

// public is the decision as a path shows it, with its place in the files.
func (d *decision) public() Decision {
	out := Decision{Kind: d.source.id.Kind, Namespace: d.source.id.Namespace, Name: d.source.id.Name, Field: d.field}
	if o := d.source.object; o != nil {
		at := o.At(d.field)
		out.File, out.Line, out.Column = at.File, at.Line, at.Column
	}
	return out
}

// fieldAt writes a path of a list's item and, within it, of another's: "spec.tls[0].match[1]". A negative place names the
// list itself, and an empty inner name nothing.
func fieldAt(list string, i int, inner string, j int) string {
	text := itemField(list, i)
	if inner == "" {
		return text
	}
	return itemField(text+"."+inner, j)
}

func itemField(list string, i int) string {
	if i < 0 {
		return list
	}
	return list + "[" + strconv.Itoa(i) + "]"
}

func itoa(n int) string { return strconv.Itoa(n) }
