package scenarios

import (
	"strings"

	"github.com/meshscenario/scenario/nearest"
)

// Nearest is the candidate that name was probably meant to be, or "": [nearest.Of].
func Nearest(name string, candidates []string) string { return nearest.Of(name, candidates) }

// oneOf lists values for people: "a, b or c".
func oneOf(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

// meant is a hint that names the value that was probably meant, or all of them.
func meant(what, got string, values []string) string {
	if n := Nearest(got, values); n != "" && got != "" {
		return "did you mean " + n + "? " + what + " can be " + oneOf(values)
	}
	return what + " can be " + oneOf(values)
}
