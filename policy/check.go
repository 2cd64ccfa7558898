package policy

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// Data is what rules look at.
type Data struct {
	Target  string // its name
	Objects []*bundle.Object
	// Paths are those of the requests that matter; each of a request's ways is looked at by itself.
	Paths []traffic.Path
}

// Check finds what breaks the rules. Findings come in the order of their places, then of severity, rule, object and
// message, and are the same however many processors there are. Requests that meet the same rule at the same place with
// the same message are one finding.
//
// An expression that comes to no value for some data, say because it reads a field that an object does not have, is an
// error, and then there are no findings: nothing is taken to be right because it could not be looked at. The error joins
// a [Problem] for each rule and reason; the first object or request of it is named, and the others are counted.
func (s *Set) Check(d Data) ([]validate.Finding, error) {
	rules := map[Subject][]*Rule{}
	for _, r := range s.rules {
		rules[r.Each] = append(rules[r.Each], r)
	}
	var all result
	if len(rules[Object]) > 0 {
		all.add(s.each(d.Target, len(d.Objects), func(c *check, i int) { c.object(rules[Object], d.Objects[i]) }))
	}
	if len(rules[Path])+len(rules[Hop]) > 0 {
		all.add(s.each(d.Target, len(d.Paths), func(c *check, i int) { c.paths(rules, &d.Paths[i], i) }))
	}
	if len(all.faults) > 0 {
		return nil, all.err()
	}
	return all.findings(), nil
}

// each does work for every index below n, on all processors, and puts the results in the order of the indices.
func (s *Set) each(target string, n int, work func(*check, int)) result {
	const least = 64 // of indices that are worth a goroutine
	parts := make([]result, min(runtime.GOMAXPROCS(0), n/least+1))
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() {
			c := &check{frame: newFrame(s.model, target)}
			for i := n * p / len(parts); i < n*(p+1)/len(parts); i++ {
				work(c, i)
			}
			parts[p] = c.result
		})
	}
	wait.Wait()
	var all result
	for _, p := range parts {
		all.add(p)
	}
	return all
}

// A result is what was found, in the order of the data.
type result struct {
	found  []found
	faults []failed
}

type found struct {
	validate.Finding
	request int // the place of the request, for findings about one
}

type failed struct {
	*Problem
	what   string // "object" or "request"
	others int
}

func (r *result) add(other result) {
	r.found = append(r.found, other.found...)
	for _, f := range other.faults {
		r.fail(f)
	}
}

// fail keeps the first of the failures that are alike, and counts the others.
func (r *result) fail(f failed) {
	for i := range r.faults {
		if o := &r.faults[i]; o.Rule == f.Rule && o.At == f.At && o.Text == f.Text {
			o.others += f.others + 1
			return
		}
	}
	r.faults = append(r.faults, f)
}

func (r *result) err() error {
	var errs []error
	for _, f := range r.faults {
		if f.others > 0 {
			f.Text += fmt.Sprintf("; so with %d more %ss", f.others, f.what)
			if f.others == 1 {
				f.Text = f.Text[:len(f.Text)-1]
			}
		}
		errs = append(errs, f.Problem)
	}
	return errors.Join(errs...)
}

// findings joins those of several requests that are alike, and sorts.
func (r *result) findings() []validate.Finding {
	type key struct {
		rule, message string
		place         validate.Place
	}
	var all []validate.Finding
	at := map[key]int{}
	last := map[key]int{}
	for _, f := range r.found {
		if f.Request == nil {
			all = append(all, f.Finding)
			continue
		}
		k := key{f.Rule, f.Message, f.Place}
		i, known := at[k]
		switch {
		case !known:
			at[k] = len(all)
			all = append(all, f.Finding)
		case last[k] != f.request:
			all[i].Request.Others++
		}
		last[k] = f.request
	}
	slices.SortStableFunc(all, func(a, b validate.Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(slices.Index(validate.Severities, a.Severity), slices.Index(validate.Severities, b.Severity)),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object.String(), b.Object.String()), cmp.Compare(a.Message, b.Message),
		)
	})
	return all
}

// A check goes through a part of the data.
type check struct {
	*frame
	result
}

func (c *check) object(rules []*Rule, o *bundle.Object) {
	c.useObject(o)
	for _, r := range rules {
		c.apply(r, func() string { return fmt.Sprintf("%s (%s)", o.ID, o.At("")) }, func(f *validate.Finding) error {
			field, err := r.field.write(c.frame)
			if err != nil {
				return err
			}
			f.Place = placeOf(o, field)
			return nil
		})
	}
}

func placeOf(o *bundle.Object, field string) validate.Place {
	at := o.At(field)
	return validate.Place{
		Object: validate.Object{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name},
		Field:  field, File: at.File, Line: at.Line, Column: at.Column,
	}
}

func (c *check) paths(rules map[Subject][]*Rule, p *traffic.Path, number int) {
	for _, way := range p.Ways() {
		c.useWay(&way)
		what := func() string { return way.Request.From + " to " + way.Request.To }
		first := len(c.found)
		for _, r := range rules[Path] {
			c.apply(r, what, func(f *validate.Finding) error { return c.show(f, len(way.Hops)-1, false) })
		}
		for i := range way.Hops {
			c.useHop(i)
			for _, r := range rules[Hop] {
				c.apply(r, what, func(f *validate.Finding) error { return c.show(f, i, true) })
			}
		}
		for i := first; i < len(c.found); i++ {
			c.found[i].request = number
		}
	}
}

// show gives a finding its request, and the place of the last that decided the hop, or one before it.
func (c *check) show(f *validate.Finding, at int, isHop bool) error {
	p := c.way.Path
	f.Request = &validate.Call{From: p.Request.From, To: p.Request.To}
	if isHop {
		f.Hop = at + 1
	}
	for i := at; i >= 0; i-- {
		for _, d := range slices.Backward(p.Hops[i].DecidedBy) {
			place := validate.Place{
				Object: validate.Object{Kind: d.Kind, Namespace: d.Namespace, Name: d.Name},
				Field:  d.Field, File: d.File, Line: d.Line, Column: d.Column,
			}
			switch {
			case d.File == "":
			case f.File == "":
				f.Place = place
			default:
				f.Related = append(f.Related, place)
			}
		}
		if f.File != "" {
			break
		}
	}
	return nil
}

// apply holds what the frame shows against a rule.
func (c *check) apply(r *Rule, what func() string, place func(*validate.Finding) error) {
	f, err := c.judge(r, place)
	if err != nil {
		var known *fault
		problem := &Problem{At: r.At, Rule: r.ID, Text: err.Error()}
		if errors.As(err, &known) {
			problem = known.problem()
		}
		problem.On = what()
		kind := "request"
		if r.Each == Object {
			kind = "object"
		}
		c.fail(failed{problem, kind, 0})
		return
	}
	if f != nil {
		c.found = append(c.found, found{Finding: *f})
	}
}

// judge makes the finding, if the rule is broken.
func (c *check) judge(r *Rule, place func(*validate.Finding) error) (*validate.Finding, error) {
	c.use(r)
	if r.match != nil {
		if ok, err := r.match.holds(c.frame); err != nil || !ok {
			return nil, err
		}
	}
	if ok, err := r.require.holds(c.frame); err != nil || ok {
		return nil, err
	}
	f := &validate.Finding{Rule: r.ID, Name: r.Policy, Category: validate.Other, Severity: r.Severity}
	for _, t := range []struct {
		to   *string
		from text
	}{{&f.Message, r.message}, {&f.Consequence, r.consequence}, {&f.Fix, r.fix}} {
		s, err := t.from.write(c.frame)
		if err != nil {
			return nil, err
		}
		*t.to = s
	}
	f.Message = cmp.Or(f.Message, r.Title)
	return f, place(f)
}
