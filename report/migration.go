package report

import (
	"io"
	"slices"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/migrate"
)

// A MigrationFormat is a way to write what became of a bundle.
type MigrationFormat struct {
	Name  string
	Write func(io.Writer, *migrate.Result, Options) error
}

// MigrationFormats lists them, the default first.
var MigrationFormats = []MigrationFormat{
	{"text", MigrationText},
	{"json", MigrationJSON},
	{"markdown", MigrationMarkdown},
}

// MigrationNames lists the names of the formats.
func MigrationNames() []string {
	var names []string
	for _, f := range MigrationFormats {
		names = append(names, f.Name)
	}
	return names
}

// A migrated group is what one sentence says of several places.
type migrated struct {
	migrate.Entry
	where []migrate.Entry
}

// groups joins the entries of a class that say the same.
func groups(all []migrate.Entry, class migrate.Class) []*migrated {
	var list []*migrated
	for _, e := range all {
		if e.Class != class {
			continue
		}
		became := e.Became
		i := slices.IndexFunc(list, func(g *migrated) bool {
			return g.Says == e.Says && g.Do == e.Do && (g.Became == became || e.Says != "")
		})
		if i < 0 {
			list = append(list, &migrated{Entry: e})
			i = len(list) - 1
		}
		list[i].where = append(list[i].where, e)
	}
	return list
}

// of names the object and the field of an entry.
func of(e migrate.Entry) string {
	name := objectID(e.Object)
	if e.Object == (bundle.ID{}) { // a value of a chart is no object's
		return e.Field
	}
	if e.Field != "" {
		name += ", " + e.Field
	}
	return name
}

func objectID(id bundle.ID) string { return id.String() }

func count(all []migrate.Entry, class migrate.Class) int {
	n := 0
	for _, e := range all {
		if e.Class == class {
			n++
		}
	}
	return n
}

// classWords are what people read of a class.
var classWords = map[migrate.Class]string{
	migrate.Decide: "to decide", migrate.Changed: "changed in meaning", migrate.Dropped: "dropped", migrate.Mapped: "mapped",
}

// amount says how much a migration made.
func amount(r *migrate.Result) string {
	objects := plural(len(r.Bundle.Objects), "object", "objects")
	switch releases := "values of " + plural(len(r.Releases), "release", "releases"); {
	case len(r.Releases) == 0:
		return objects
	case len(r.Bundle.Objects) == 0:
		return releases
	default:
		return releases + " and " + objects
	}
}

// moved counts the requests of which something differs.
func moved(r *migrate.Result) int {
	requests := map[string]bool{}
	for _, d := range r.Differences {
		requests[d.Request.From+" "+d.Request.To] = true
	}
	return len(requests)
}
