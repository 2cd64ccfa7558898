package random

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// maxCalls is how often Shrink may ask.
const maxCalls = 400

// Shrink returns the smallest case it finds for which fails still is true: with fewer requests, objects, fields and
// items, and simpler values. c itself must fail; if it does not, it is returned as it is. Istio refuses no object of
// the result, and fails is called at most 400 times.
func Shrink(c Case, fails func(Case) bool) Case {
	s := &shrinker{best: c, fails: fails, tried: map[string]bool{}}
	if !s.try(c) {
		return c
	}
	s.requests()
	s.objects()
	s.mesh()
	for {
		before := s.size()
		s.fields()
		s.values()
		s.objects()
		s.words()
		if s.size() == before {
			return s.best
		}
	}
}

type shrinker struct {
	best  Case
	fails func(Case) bool
	calls int
	tried map[string]bool
}

// try makes a candidate the best if it fails. It asks nobody about one that was tried before.
func (s *shrinker) try(candidate Case) bool {
	key := candidate.Mesh + "\n" + string(candidate.YAML()) + describe(candidate.Requests)
	if s.calls == maxCalls || s.tried[key] {
		return false
	}
	s.tried[key] = true
	s.calls++
	if !s.fails(candidate) {
		return false
	}
	s.best = candidate
	return true
}

// with is the best case with a change, which leaves the best as it is.
func (s *shrinker) with(change func(*Case)) Case {
	c := s.best
	c.Requests = slices.Clone(c.Requests)
	c.Objects = make([]map[string]any, len(s.best.Objects))
	for i, o := range s.best.Objects {
		c.Objects[i] = copied(o)
	}
	change(&c)
	return c
}

func (s *shrinker) size() int {
	all := len(s.best.Mesh) + len(describe(s.best.Requests))
	for _, o := range s.best.Objects {
		all += size(o)
	}
	return all
}

// requests leaves one, or as few as it can.
func (s *shrinker) requests() {
	for _, r := range s.best.Requests {
		if len(s.best.Requests) > 1 && s.try(s.with(func(c *Case) { c.Requests = []judge.Request{r} })) {
			return
		}
	}
	s.halve(func() int { return len(s.best.Requests) }, func(from, to int) bool {
		return s.try(s.with(func(c *Case) { c.Requests = slices.Delete(c.Requests, from, to) }))
	})
}

func (s *shrinker) objects() {
	s.halve(func() int { return len(s.best.Objects) }, func(from, to int) bool {
		return s.try(s.with(func(c *Case) { c.Objects = slices.Delete(c.Objects, from, to) }))
	})
}

// mesh drops the mesh config, or settings of it.
func (s *shrinker) mesh() {
	if s.try(s.with(func(c *Case) { c.Mesh = "" })) {
		return
	}
	var settings object
	if err := yaml.Unmarshal([]byte(s.best.Mesh), &settings); err != nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		fewer := maps.Clone(settings)
		delete(fewer, key)
		text, err := yaml.Marshal(fewer)
		if err == nil && s.try(s.with(func(c *Case) { c.Mesh = string(text) })) {
			settings = fewer
		}
	}
}

// halve takes away ever smaller parts of a list, never all of it.
func (s *shrinker) halve(length func() int, without func(from, to int) bool) {
	for part := length() / 2; part > 0; part = min(part/2, length()) {
		for from := 0; from < length(); {
			to := min(from+part, length())
			if to-from == length() || !without(from, to) {
				from = to
			}
		}
	}
}

// A spot is a place in one of the objects.
type spot struct {
	object int
	at     place
	size   int
}

// spots are all that may be taken away, the largest first.
func (s *shrinker) spots() []spot {
	var all []spot
	for i, o := range s.best.Objects {
		for _, at := range places(o) {
			switch {
			case len(at) == 1 && at[0] != "spec", len(at) == 2 && at[0] == "metadata" && (at[1] == "name" || at[1] == "namespace"):
				continue
			}
			all = append(all, spot{i, at, size(at.get(o))})
		}
	}
	slices.SortStableFunc(all, func(a, b spot) int { return cmp.Compare(b.size, a.size) })
	return all
}

// fields takes subtrees away, each once: what must stay now is asked for again only after a whole round that got on.
func (s *shrinker) fields() {
	stays := map[string]bool{}
	key := func(p spot) string { return fmt.Sprint(p.object, p.at) }
	for {
		spots := s.spots()
		i := slices.IndexFunc(spots, func(p spot) bool { return !stays[key(p)] })
		if i < 0 {
			return
		}
		if !s.edit(spots[i].object, func(o object) { spots[i].at.remove(o) }) {
			stays[key(spots[i])] = true
		}
	}
}

// values replaces wildcards by names that they stand for.
func (s *shrinker) values() {
	for _, spot := range s.spots() {
		old, _ := spot.at.get(s.best.Objects[spot.object]).(string)
		if strings.Contains(old, "*.") {
			s.edit(spot.object, func(o object) { spot.at.set(o, strings.Replace(old, "*.", "www.", 1)) })
		}
	}
}

// edit tries a change of one object.
func (s *shrinker) edit(i int, change func(object)) bool {
	candidate := s.with(func(c *Case) { change(c.Objects[i]) })
	if refused(candidate.Objects[i]) || !sound(candidate.Objects[i]) {
		return false
	}
	return s.try(candidate)
}

// words makes the requests plainer.
func (s *shrinker) words() {
	plainer := []func(*judge.Request){
		func(r *judge.Request) { *r = judge.Request{From: r.From, To: r.To} },
		func(r *judge.Request) { r.Labels = nil },
		func(r *judge.Request) { r.Host = "" },
		func(r *judge.Request) { r.Method = "" },
		func(r *judge.Request) { r.Headers = nil },
		func(r *judge.Request) { r.SNI = "" },
		func(r *judge.Request) { r.Credential = "" },
		func(r *judge.Request) { r.Server = "" },
		func(r *judge.Request) {
			scheme, rest, _ := strings.Cut(r.To, "://")
			authority, _, _ := strings.Cut(rest, "/")
			r.To = scheme + "://" + authority
		},
	}
	for i := range s.best.Requests {
		for _, simplify := range plainer {
			s.try(s.with(func(c *Case) { simplify(&c.Requests[i]) }))
		}
	}
}

// describe is all that is asked, for telling cases apart.
func describe(requests []judge.Request) string {
	var all strings.Builder
	for _, r := range requests {
		all.WriteString("\n" + strings.Join([]string{r.From, r.To, r.Host, r.Method, r.SNI, r.Credential, r.Server}, " "))
		for _, values := range []map[string]string{r.Headers, r.Labels} {
			for _, key := range slices.Sorted(maps.Keys(values)) {
				all.WriteString(" " + key + "=" + values[key])
			}
		}
	}
	return all.String()
}
