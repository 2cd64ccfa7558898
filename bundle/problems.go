package bundle

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A Problem is something in an object that its API would refuse or drop.
type Problem struct {
	// Field is where it is, as [Object.At] takes it.
	Field   string
	Message string
	// Dropped says that it is a field that the API does not know: all else of the object stands.
	Dropped bool
}

// Lenient is the object in the Go type of its API, as [Object.Typed] gives it, without the fields that the type does
// not have; each of those is a problem. Where a value is of the wrong type, or the version of a known kind is not
// known, there is no typed object. Of kinds that are not known here nothing can be said: nil, without a problem.
//
// What an object is applied without, as SOPS's own field, is no problem, nor is a value of a Secret that is not there in
// clear.
//
// Package mesh has only those fields of the kinds of Maistra and Sail that are used here, so none is unknown there.
//
// Problems come in the order of the text.
func (o *Object) Lenient() (typed any, problems []Problem) {
	typed, problems = o.lenient()
	if len(problems) > 1 {
		slices.SortStableFunc(problems, func(x, y Problem) int {
			a, b := o.At(x.Field), o.At(y.Field)
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
	}
	if slices.ContainsFunc(problems, func(p Problem) bool { return !p.Dropped }) {
		return nil, problems
	}
	return typed, problems
}

func (o *Object) lenient() (any, []Problem) {
	group, _ := groupVersion(o.APIVersion)
	newForm, known := forms[group+"/"+o.Kind]
	if !known {
		return nil, nil
	}
	if message := o.unserved(); message != "" {
		return nil, []Problem{{Field: "apiVersion", Message: message}}
	}
	object, meta, spec := newForm()
	if spec != nil {
		return o.lenientIstio(object, meta, spec)
	}
	decode := strictFlaws
	if group == "maistra.io" || group == "sailoperator.io" {
		decode = looseFlaws
	}
	problems := decodeAll(o.JSON, "", func(data []byte) ([]flaw, bool) { return decode(data, object) })
	return o.applied(newForm, object, problems)
}

// lenientIstio reads an object whose spec is a protocol buffer.
func (o *Object) lenientIstio(object any, meta *metav1.ObjectMeta, spec proto.Message) (any, []Problem) {
	var problems []Problem
	hasSpec := false
	c := cursor{data: o.JSON}
	if c.peek() != '{' {
		return nil, []Problem{{Message: "an object is a map"}}
	}
	for more := c.open(); more; more = c.more() {
		switch key, value := c.key(), c.value(); {
		case is(key, "metadata"):
			problems = append(problems, decodeAll(value, "metadata", func(data []byte) ([]flaw, bool) { return strictFlaws(data, meta) })...)
		case is(key, "spec"):
			hasSpec = true
			problems = append(problems, decodeAll(value, "spec", func(data []byte) ([]flaw, bool) { return protoFlaws(data, spec) })...)
		case is(key, "apiVersion"), is(key, "kind"), is(key, "status"):
		default:
			text, _ := unquote(key)
			problems = append(problems, Problem{strings.TrimPrefix(stepOf(text), "."), "unknown field " + strconv.Quote(text), true})
		}
	}
	if !hasSpec && !specless[o.Kind] {
		problems = append(problems, Problem{Field: "spec", Message: "missing"})
	}
	return object, problems
}
