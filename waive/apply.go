package waive

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// The rules about waivers themselves.
const (
	Unused = "MSH001" // unused-waiver, a warning: it waives nothing, or no longer
	Bad    = "MSH002" // bad-waiver, an error: it cannot be read. It cannot be waived either
)

// An Input is what findings and waivers come from.
type Input struct {
	Findings []validate.Finding
	// Objects are those that were checked; their annotations count.
	Objects []*bundle.Object
	// Config gives the settings of a file, or nil; [Configs.For] does. Nil itself means that there are none.
	Config func(file string) *Config
	Known  []string // the IDs of all rules
	Today  time.Time
}

// A Result sorts findings.
type Result struct {
	// Kept are the findings that count, in their order, with the severities that settings give them.
	Kept []validate.Finding
	// Waived are those that do not.
	Waived []Waived
	// Own are the findings about waivers: [Unused] and [Bad].
	Own []validate.Finding
	// Idle are the places in settings of waivers for which no file and no object was there at all. In a run over some
	// of the files that means nothing; in one over all, they can go.
	Idle []validate.Place
}

// A Waived is a finding that does not count, why, and where that is said.
type Waived struct {
	validate.Finding
	Reason string
	By     validate.Place
}

// A waiver waives findings of a rule.
type waiver struct {
	rule, reason string
	place        validate.Place // where it is written
	until        time.Time      // the last day, or zero

	exact   *validate.Object // of an annotation
	path    glob
	object  pattern
	used    bool
	seen    bool // there was something that it could be about
	expired int  // how many findings it would have waived
}

// Apply sorts findings by the annotations of objects and by settings. A finding that several waivers fit counts for all
// of them. A rule that is off waives what no waiver fits.
func Apply(in Input) Result {
	var result Result
	if in.Config == nil {
		in.Config = func(string) *Config { return nil }
	}
	annotated := in.annotations(&result)
	configs := in.configs()
	for _, c := range configs {
		for _, w := range c.ignore {
			*w = waiver{rule: w.rule, reason: w.reason, place: w.place, until: w.until, path: w.path, object: w.object}
		}
	}
	for _, o := range in.Objects {
		if c := in.Config(o.At("").File); c != nil {
			for _, w := range c.ignore {
				w.seen = w.seen || w.covers(c, o.At("").File, objectOf(o))
			}
		}
	}
	for _, f := range in.Findings {
		if by := in.waive(&f, annotated); by != nil {
			result.Waived = append(result.Waived, *by)
		} else {
			result.Kept = append(result.Kept, f)
		}
	}
	in.unused(annotated, configs, &result)
	return result
}

// waive finds what waives a finding, and sets its severity.
func (in *Input) waive(f *validate.Finding, annotated map[validate.Object][]*waiver) (by *Waived) {
	fits := func(w *waiver) {
		if w.rule != f.Rule || f.Rule == Bad {
			return
		}
		w.seen = true
		if !w.until.IsZero() && !in.Today.Before(w.until.AddDate(0, 0, 1)) {
			w.expired++
			return
		}
		w.used = true
		if by == nil {
			by = &Waived{*f, w.reason, w.place}
		}
	}
	for _, w := range annotated[f.Object] {
		fits(w)
	}
	c := in.Config(f.File)
	if c == nil {
		return by
	}
	for _, w := range c.ignore {
		if w.covers(c, f.File, f.Object) {
			fits(w)
		}
	}
	if r, set := c.rules[f.Rule]; set && by == nil && f.Rule != Bad {
		if r.severity == "" {
			return &Waived{*f, r.reason, r.at}
		}
		f.Severity = r.severity
	}
	return by
}

// covers says whether a waiver of settings is about a file and an object.
func (w *waiver) covers(c *Config, file string, o validate.Object) bool {
	return w.object.matches(o) && (w.path.Regexp == nil || c.inside(file, w.path))
}

// inside says whether a file that lies in the folder of settings matches a path.
func (c *Config) inside(file string, path glob) bool {
	name, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(c.folder, name)
	return err == nil && filepath.IsLocal(rel) && path.MatchString(filepath.ToSlash(rel))
}

func objectOf(o *bundle.Object) validate.Object {
	return validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
}

var field = fmt.Sprintf("metadata.annotations[%q]", Annotation)

// annotations reads the waivers of objects.
func (in *Input) annotations(result *Result) map[validate.Object][]*waiver {
	all := map[validate.Object][]*waiver{}
	for _, o := range in.Objects {
		if !o.Has(field) {
			continue
		}
		id := objectOf(o)
		at := o.At(field)
		place := validate.Place{Object: id, Field: field, File: at.File, Line: at.Line, Column: at.Column}
		metadata, _ := o.Tree()["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		text, _ := annotations[Annotation].(string)
		found, problems := clauses(text, in.Known)
		for _, c := range found {
			all[id] = append(all[id], &waiver{rule: c.rule, reason: c.reason, place: place, exact: &id, seen: true})
		}
		for _, problem := range problems {
			result.Own = append(result.Own, validate.Finding{
				Rule: Bad, Name: "bad-waiver", Category: validate.Other, Severity: validate.Error, Place: place,
				Message:     "the waiver cannot be followed: " + problem,
				Consequence: "what it was to waive is still reported",
			})
		}
	}
	return all
}

// configs are the settings of all that was checked, each once.
func (in *Input) configs() []*Config {
	var all []*Config
	known := map[*Config]bool{nil: true}
	add := func(file string) {
		if c := in.Config(file); !known[c] {
			known[c] = true
			all = append(all, c)
		}
	}
	for _, o := range in.Objects {
		add(o.At("").File)
	}
	for _, f := range in.Findings {
		add(f.File)
	}
	return all
}

// unused reports the waivers that did nothing.
func (in *Input) unused(annotated map[validate.Object][]*waiver, configs []*Config, result *Result) {
	report := func(w *waiver) {
		switch {
		case w.used:
		case !w.seen:
			result.Idle = append(result.Idle, w.place)
		default:
			f := w.report()
			if w.exact != nil {
				f.Edits, f.Safe = []validate.Edit{without(annotated[*w.exact], w)}, true
			}
			if by := in.waive(&f, annotated); by != nil {
				result.Waived = append(result.Waived, *by)
			} else {
				result.Own = append(result.Own, f)
			}
		}
	}
	reported := map[validate.Object]bool{}
	for _, o := range in.Objects {
		if id := objectOf(o); !reported[id] {
			reported[id] = true
			for _, w := range annotated[id] {
				report(w)
			}
		}
	}
	for _, c := range configs {
		for _, w := range c.ignore {
			report(w)
		}
	}
}

// report is the finding about a waiver that did nothing.
func (w *waiver) report() validate.Finding {
	f := validate.Finding{
		Rule: Unused, Name: "unused-waiver", Category: validate.Other, Severity: validate.Warning, Place: w.place,
		Message:     fmt.Sprintf("nothing is found that the waiver of %s is about", w.rule),
		Consequence: "it would hide the next mistake of this kind, for a reason that was given for another",
		Fix:         "remove it",
	}
	if w.expired > 0 {
		f.Message = fmt.Sprintf("the waiver of %s ended with %s", w.rule, w.until.Format(time.DateOnly))
		f.Consequence = "what it waived counts again"
		f.Fix = "mend what it waives, or give it another day"
	}
	return f
}

// without is the annotation of a waiver without all clauses that do nothing, so that fixes of several agree.
func without(all []*waiver, w *waiver) validate.Edit {
	e := validate.Edit{Object: *w.exact, Field: field}
	var left []string
	for _, other := range all {
		if other.used && other.place == w.place {
			left = append(left, other.rule+"="+other.reason)
		}
	}
	if len(left) > 0 {
		e.Value = strings.Join(left, "; ")
	}
	return e
}
