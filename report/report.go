// Package report writes what was found, for people and for programs: paths as text and JSON, and findings besides in the
// formats that CI services and editors read.
//
// It words what packages traffic and validate tell, and decides nothing. It knows no flags, no files and no terminal: it
// writes to what it is given, as wide and as colourful as it is told.
package report

import (
	"io"

	"github.com/meshscenario/scenario/traffic"
)

// A Trace is what was asked and where it went.
type Trace struct {
	Target string
	Paths  []traffic.Path
	// Several says that the question was about several requests, however many there were: text begins with a table of
	// them, and JSON is an array.
	Several bool
}

// Options are for people; formats for programs leave them alone.
type Options struct {
	Width   int // of a line; 0 is 80, and less than [Narrowest] is that
	Color   bool
	Verbose bool // of several paths, show all in full, not only those that fail; of findings, what was assumed too
}

// Narrowest is the least width of a line.
const Narrowest = 50

// A Format is a way to write a trace.
type Format struct {
	Name  string
	Paths func(io.Writer, Trace, Options) error
}

// Formats lists them, the default first.
var Formats = []Format{
	{"text", Text},
	{"json", JSON},
}

// Names lists the names of the formats.
func Names() []string {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}
