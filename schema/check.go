package schema

import (
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// Check says what is wrong in an object by itself, for a target. It may be called by several goroutines.
func Check(o *bundle.Object, target mesh.Target) []Problem {
	typed, _ := o.Lenient()
	return CheckTyped(o, typed, target)
}

// CheckTyped is Check for who has decoded the object already, by [bundle.Object.Lenient]. Nothing is nil, of a kind that
// is not known or an object that does not decode.
func CheckTyped(o *bundle.Object, typed any, target mesh.Target) []Problem {
	if p, wrong := version(o, target); wrong {
		return []Problem{p}
	}
	return structure(o, target)
}

// structure holds an object against its CRD.
func structure(o *bundle.Object, target mesh.Target) []Problem {
	l := shelf()
	kind := o.APIVersion + "/" + o.Kind
	minor := target.IstioMinor()
	n := l.root(kind, minor)
	if n == nil {
		return builtIn(o)
	}
	var room [16]step
	w := walk{library: l, scanner: scanner{data: o.JSON}, kind: kind, minor: minor, path: room[:0]}
	w.root(n)
	return w.problems()
}

// builtIn is what strict decoding finds, of the kinds that the API server knows by itself.
func builtIn(o *bundle.Object) []Problem {
	if strings.HasSuffix(group(o), "istio.io") {
		return nil // the version has been spoken of
	}
	_, faults := o.Lenient()
	var problems []Problem
	for _, f := range faults {
		p := Problem{Rule: general, Kind: WrongType, Severity: Error, Field: f.Field, Message: f.Message, Dropped: f.Dropped,
			Consequence: "the API server refuses the object"}
		if f.Dropped {
			p.Rule, p.Kind, p.Fix = "MSH125", UnknownField, "remove it, or write it as the API does"
			p.Consequence = "the API server refuses the object, or drops the field where it is not asked to be strict"
		}
		problems = append(problems, p)
	}
	return problems
}

func group(o *bundle.Object) string {
	group, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}
