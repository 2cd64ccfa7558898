package schema

import (
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// Check says what is wrong in an object by itself, for a target. It may be called by several goroutines.
func Check(o *bundle.Object, target mesh.Target) []Problem {
	typed, _ := o.Lenient()
	return CheckTyped(o, typed, target)
}

// CheckTyped is Check for who has decoded the object already, by [bundle.Object.Lenient]; nil is for what did not decode,
// and for kinds that are not known.
func CheckTyped(o *bundle.Object, typed any, target mesh.Target) []Problem {
	return lenient(o, check(o, typed, target))
}

func check(o *bundle.Object, typed any, target mesh.Target) []Problem {
	apiVersion, problems := version(o, target)
	if apiVersion == "" {
		return mended(o, problems)
	}
	l := shelf()
	n := l.root(apiVersion, o.Kind, target.IstioMinor())
	if n == nil {
		return mended(o, append(append(problems, builtIn(o)...), workload(o)...))
	}
	if more := structure(o.JSON, versionKind{apiVersion, o.Kind}, n, target.IstioMinor()); len(more) > 0 {
		problems = append(problems, refine(o, more)...)
	}
	if more := traits(o, typed, target); len(more) > 0 {
		problems = merge(problems, more)
	}
	if j, ok := judgeOf(o, typed); ok && !plain(j) {
		problems = merge(problems, j.problems())
	}
	return mended(o, problems)
}

// merge adds what is not said already: Istio checks much of what its CRDs state as well.
func merge(problems, more []Problem) []Problem {
	known := len(problems)
	for i, p := range more {
		told := slices.ContainsFunc(problems[:known], func(q Problem) bool { return q.explains(p) || q.covers(p) })
		if !told && !slices.ContainsFunc(more[:i], func(q Problem) bool { return q.covers(p) }) {
			problems = append(problems, p)
		}
	}
	return problems
}

// explains says whether what Istio says of an object comes of a fault that its schema has found, or is the same.
func (p Problem) explains(q Problem) bool {
	switch {
	case p.Severity != Error:
		return false
	case p.Kind == UnknownField && within(p.Field, q.Field):
		return true // the field that is missing may be the one that is misspelt
	case p.Kind == Missing:
		return p.Field == q.Field || q.Kind == Missing && within(q.Field, p.Field)
	}
	return within(q.Field, p.Field)
}

// covers says whether a problem leaves nothing to say of another: it is of the same sort and place, or in a block that
// is spoken of as a whole.
func (p Problem) covers(q Problem) bool {
	switch {
	case p.Rule == general:
		return q.Rule == general && p.Field == q.Field && p.Message == q.Message
	case p.Rule == "MSH127" && (q.Rule == "MSH114" || q.Rule == "MSH115"):
		return within(q.Field, p.Field)
	case p.Rule != q.Rule:
		return false
	case p.Rule == "MSH105": // Istio says it twice, of the same ports
		return p.Severity == Error
	case p.Rule == "MSH106" && p.Message == q.Message: // a mistake that all endpoints repeat
		return itemNumber.ReplaceAllString(p.Field, "") == itemNumber.ReplaceAllString(q.Field, "")
	}
	return p.Field == q.Field || p.Kind == q.Kind && (within(p.Field, q.Field) || within(q.Field, p.Field))
}

// within says whether a field is another one, or a part of it.
func within(field, whole string) bool {
	rest, ok := strings.CutPrefix(field, whole)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// builtIn is what strict decoding finds, of the kinds that the API server knows by itself.
func builtIn(o *bundle.Object) []Problem {
	_, faults := o.Lenient()
	var problems []Problem
	for _, f := range faults {
		p := Problem{Rule: general, Kind: WrongType, Severity: Error, Field: f.Field, Message: f.Message, Dropped: f.Dropped, Consequence: refused}
		if f.Dropped {
			p.Rule, p.Kind, p.Fix, p.Consequence = "MSH125", UnknownField, "remove it, or write what is meant: kubectl explain "+explained(o.Kind, f.Field)+" lists the fields", refusedOrDropped
		}
		if _, want, ok := strings.Cut(f.Message, " where "); ok {
			p.Fix = "write " + strings.TrimSuffix(strings.TrimSuffix(want, " is expected"), " of its size")
		}
		problems = append(problems, p)
	}
	return problems
}

// explained is what kubectl explain calls the map around a field.
func explained(kind, field string) string {
	around := itemNumber.ReplaceAllString(field, "")
	if i := strings.LastIndexByte(around, '.'); i >= 0 {
		return strings.ToLower(kind) + "." + around[:i]
	}
	return strings.ToLower(kind)
}

// What comes of most problems.
const (
	refused          = "the API server refuses the object"
	refusedOrDropped = "the API server refuses the object, or drops the field where it is not asked to be strict"
	refusedByIstio   = "Istio's webhook refuses the object"
)

func group(o *bundle.Object) string {
	group, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}
