package migrate

import (
	"cmp"
	"slices"

	"github.com/meshscenario/scenario/bundle"
)

// A Class says what became of something.
type Class string

// The classes, in the order in which people read them.
const (
	Decide  Class = "decide"  // nothing takes its place until a person has decided
	Changed Class = "changed" // it is there, and means something else
	Dropped Class = "dropped" // nothing takes its place, and nothing needs to
	Mapped  Class = "mapped"  // it is there, and means the same
)

// Classes are all of them.
var Classes = []Class{Decide, Changed, Dropped, Mapped}

// An Entry says what became of an object, or of a field of it.
type Entry struct {
	Class  Class
	Object bundle.ID
	// Field is the path in the object; "" is all of it.
	Field string
	// At is where it is written; of what is not written it is the nearest that is.
	At bundle.Position
	// Became is what takes its place, such as "Istio default, spec.values.meshConfig.accessLogFile", or "".
	Became string
	// Says is what this means, in one sentence.
	Says string
	// Do is what a person has to do, or "".
	Do string

	aspect aspect
}

// An aspect is what of a path an entry changes.
type aspect string

const (
	noAspect     aspect = ""
	verification aspect = "verification" // who verifies the server, and for which name
	serverName   aspect = "server name"  // the SNI
	meshWideRule aspect = "mesh-wide rule"
	sniffing     aspect = "sniffing"
	aliases      aspect = "aliases"
	anyPath      aspect = "any"
)

func sortEntries(all []Entry) {
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Classes, a.Class), slices.Index(Classes, b.Class)),
			cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column),
			cmp.Compare(a.Field, b.Field),
		)
	})
}
