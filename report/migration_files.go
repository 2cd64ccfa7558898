package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/migrate"
	"github.com/meshscenario/scenario/traffic"
)

// A jsonEntry is an entry of a report. Fields are only ever added.
type jsonEntry struct {
	Class  migrate.Class `json:"class"`
	Object jsonID        `json:"object,omitzero"` // a value of a chart is no object's
	Field  string        `json:"field,omitempty"`
	File   string        `json:"file,omitempty"`
	Line   int           `json:"line,omitempty"`
	Column int           `json:"column,omitempty"`
	Became string        `json:"became,omitempty"`
	Says   string        `json:"says,omitempty"`
	Do     string        `json:"do,omitempty"`
}

type jsonID struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

type jsonDifference struct {
	Request traffic.Request `json:"request"`
	Hop     int             `json:"hop,omitempty"`
	What    string          `json:"what"`
	Before  string          `json:"before"`
	After   string          `json:"after"`
	Because *jsonEntry      `json:"because"`
}

// A jsonRelease is an installation of a chart of Istio's.
type jsonRelease struct {
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Chart     string         `json:"chart"`
	Values    map[string]any `json:"values,omitempty"`
}

func entryJSON(e migrate.Entry) jsonEntry {
	return jsonEntry{e.Class, idJSON(e.Object), e.Field, e.At.File, e.At.Line, e.At.Column, e.Became, e.Says, e.Do}
}

func idJSON(id bundle.ID) jsonID { return jsonID{id.APIVersion, id.Kind, id.Namespace, id.Name} }

// MigrationJSON writes a report as one object: {"from", "to", "objects", "entries", "requests", "differences"}. A difference
// that no entry tells of has null for because. Where values of a chart were migrated, there are "releases" too.
func MigrationJSON(w io.Writer, r *migrate.Result, _ Options) error {
	entries, differences := []jsonEntry{}, []jsonDifference{}
	for _, e := range r.Entries {
		entries = append(entries, entryJSON(e))
	}
	for _, d := range r.Differences {
		one := jsonDifference{Request: d.Request, Hop: d.Hop, What: d.What, Before: d.Before, After: d.After}
		if d.Because != nil {
			because := entryJSON(*d.Because)
			one.Because = &because
		}
		differences = append(differences, one)
	}
	var releases []jsonRelease
	for _, one := range r.Releases {
		releases = append(releases, jsonRelease(one))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		From        string           `json:"from"`
		To          string           `json:"to"`
		Objects     int              `json:"objects"`
		Entries     []jsonEntry      `json:"entries"`
		Requests    int              `json:"requests"`
		Differences []jsonDifference `json:"differences"`
		Releases    []jsonRelease    `json:"releases,omitempty"`
	}{r.From.Name, r.To.Name, len(r.Bundle.Objects), entries, r.Requests, differences, releases})
}

// MigrationMarkdown writes a report for a merge request: a table for each class, and one of the requests that go another
// way.
func MigrationMarkdown(w io.Writer, r *migrate.Result, _ Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "# From %s to %s\n", r.From.Name, r.To.Name)
	for _, class := range migrate.Classes {
		list := groups(r.Entries, class)
		if len(list) == 0 {
			continue
		}
		words := classWords[class]
		fmt.Fprintf(&out, "\n## %s (%d)\n\n| Where | Became | What it means | Do |\n|---|---|---|---|\n", strings.ToUpper(words[:1])+words[1:], count(r.Entries, class))
		for _, g := range list {
			var where, became []string
			for _, e := range g.where {
				where = append(where, markdownCell(markdownCode(strings.TrimPrefix(e.At.String()+": "+of(e), ": "))))
				if cell := markdownText(e.Became); e.Became != "" && (len(became) == 0 || became[len(became)-1] != cell) {
					became = append(became, cell)
				}
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", strings.Join(where, "<br>"), strings.Join(became, "<br>"), markdownText(g.Says), markdownText(g.Do))
		}
	}
	if len(r.Releases) == 0 { // values tell of no request
		fmt.Fprintf(&out, "\n## Requests\n\n%d were followed through both meshes, hop by hop; %d do not go as before.\n", r.Requests, moved(r))
	}
	if len(r.Differences) > 0 {
		out.WriteString("\n| Request | Difference | Why |\n|---|---|---|\n")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", markdownText(d.Request.From+" to "+d.Request.To), markdownText(difference(d)), markdownText(reason(d)))
	}
	_, err := io.WriteString(w, out.String())
	return err
}
