package model

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// Target is the one whose istiod the judge is.
const Target = "istio-1.31"

// A Result is how the model did on one bundle.
type Result struct {
	Requests, Skipped int
	Differences       []string
	Outcomes          map[judge.Code]int
	Refused           bool // Istio's own validation refuses the bundle
	Excepted          string
	// Judged are the judge's paths.
	Judged []judge.Path
}

// Compare asks both about requests in a bundle, or without any about those that the model takes to matter.
func Compare(w *Walker, b *judge.Bundle, mesh string, requests []judge.Request) (Result, error) {
	result := Result{Outcomes: map[judge.Code]int{}}
	got, err := w.Walk(Target, text(b), mesh, requests)
	if err != nil {
		return result, fmt.Errorf("model: %w", err)
	}
	err = judge.In(b, judge.Options{Mesh: mesh}, func(world *judge.World) error {
		for _, g := range got {
			r := g.Request
			want, err := world.Walk(r)
			if err != nil {
				return err
			}
			result.Requests++
			result.Outcomes[want.Outcome.Code]++
			result.Judged = append(result.Judged, want)
			differences, skipped := Differences(want, g)
			if skipped {
				result.Skipped++
			}
			if len(differences) == 0 {
				continue
			}
			if name := excepted(b, r); name != "" {
				result.Excepted = name
				continue
			}
			var text strings.Builder
			_ = want.WriteText(&text)
			result.Differences = append(result.Differences, fmt.Sprintf("%s to %s (host %q, sni %q, server %q)\n\t%s\n%s model: %s: %s",
				r.From, r.To, r.Host, r.SNI, r.Server, strings.Join(differences, "\n\t"), text.String(), g.Outcome.Code, g.Outcome.Reason))
		}
		return nil
	})
	var invalid *judge.Invalid
	var broken *judge.Panic
	switch {
	case errors.As(err, &invalid):
		result.Refused = true
		return result, nil
	case errors.As(err, &broken):
		if name := excepted(b, judge.Request{}); name != "" {
			result.Excepted = name
			return result, nil
		}
	}
	return result, err
}

// Against holds the model's paths of some requests against those of the judge.
func (w *Walker) Against(b *judge.Bundle, mesh string, judged []judge.Path) (differences []string, skipped int, err error) {
	requests := make([]judge.Request, len(judged))
	for i, p := range judged {
		requests[i] = p.Request
	}
	got, err := w.Walk(Target, text(b), mesh, requests)
	if err != nil {
		return nil, 0, fmt.Errorf("model: %w", err)
	}
	for i, g := range got {
		found, skip := Differences(judged[i], g)
		if skip {
			skipped++
		}
		for _, d := range found {
			differences = append(differences, fmt.Sprintf("model: %s to %s: %s", g.Request.From, g.Request.To, d))
		}
	}
	return differences, skipped, nil
}

// Requests are those that the model takes to matter in a bundle.
func (w *Walker) Requests(b *judge.Bundle) ([]judge.Request, error) {
	paths, err := w.Walk(Target, text(b), "", nil)
	var all []judge.Request
	for _, p := range paths {
		all = append(all, p.Request)
	}
	return all, err
}

// text writes a bundle as documents of JSON, which are YAML.
func text(b *judge.Bundle) string {
	var all strings.Builder
	for _, o := range (&judge.Bundle{}).And(b).Objects {
		all.Write(o.JSON)
		all.WriteString("\n---\n")
	}
	return all.String()
}

// A Tally adds results up.
type Tally struct {
	Bundles, Agreed, Errors, Refused int
	Requests, Skipped                int
	Outcomes                         map[judge.Code]int
	Excepted                         map[string]int
}

// Add counts a result.
func (t *Tally) Add(r Result, err error) {
	t.Bundles++
	switch {
	case err != nil:
		t.Errors++
	case r.Refused:
		t.Refused++
	case r.Excepted != "":
		if t.Excepted == nil {
			t.Excepted = map[string]int{}
		}
		t.Excepted[r.Excepted]++
	case len(r.Differences) == 0:
		t.Agreed++
	}
	t.Requests += r.Requests
	t.Skipped += r.Skipped
	if t.Outcomes == nil {
		t.Outcomes = map[judge.Code]int{}
	}
	for code, n := range r.Outcomes {
		t.Outcomes[code] += n
	}
}

// String is the tally for people.
func (t *Tally) String() string {
	text := fmt.Sprintf("%d bundles, %d agreed, %d errors, %d refused; %d requests, %d not told:", t.Bundles, t.Agreed, t.Errors, t.Refused, t.Requests, t.Skipped)
	for _, code := range slices.Sorted(maps.Keys(t.Outcomes)) {
		text += fmt.Sprintf(" %s %d", code, t.Outcomes[code])
	}
	for _, name := range slices.Sorted(maps.Keys(t.Excepted)) {
		text += fmt.Sprintf("; excepted, %s: %d", name, t.Excepted[name])
	}
	return text
}
