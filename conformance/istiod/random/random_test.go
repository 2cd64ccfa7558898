package random

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// TestNew holds New to what it promises, and to cases that people can read.
func TestNew(t *testing.T) {
	small, large := 0, 0
	const seeds = 1000
	for seed := range int64(seeds) {
		c := New(seed)
		b, err := c.Bundle()
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		for _, f := range judge.Refusals(judge.Validate(b)) {
			t.Errorf("seed %d: %s", seed, f)
		}
		if both := b.And(b); len(both.Objects) != len(c.Objects) {
			t.Errorf("seed %d: %d objects, of which %d have an identity of their own", seed, len(c.Objects), len(both.Objects))
		}
		if len(c.Requests) < 3 || len(c.Requests) > 8 {
			t.Errorf("seed %d: %d requests", seed, len(c.Requests))
		}
		if len(c.Objects) < 4 {
			small++
		}
		if len(c.Objects) > 25 {
			large++
		}
	}
	if small > seeds/20 || large > seeds/50 {
		t.Errorf("of %d cases %d have fewer than 4 objects, and %d more than 25", seeds, small, large)
	}
}

// TestSame: a seed is one case for ever. Where a change of the generator is meant to change what seeds mean, so does
// this hash; where Istio's validation changed, it says that cases are no longer those that were judged before.
func TestSame(t *testing.T) {
	all := sha256.New()
	for seed := range int64(300) {
		c, again := New(seed), New(seed)
		text := c.Mesh + string(c.YAML()) + describe(c.Requests)
		if text != again.Mesh+string(again.YAML())+describe(again.Requests) {
			t.Fatalf("seed %d: two cases", seed)
		}
		fmt.Fprintf(all, "%d %s", seed, text)
	}
	if got := fmt.Sprintf("%x", all.Sum(nil)[:8]); got != casesHash {
		t.Errorf("seeds 0 to 299 mean other cases than before: hash %s, want %s", got, casesHash)
	}
}

const casesHash = "f845ee8e0a27ad91"

// TestTemplates: what a template is written for works as it is written, if not each time: they try things out.
func TestTemplates(t *testing.T) {
	for i, template := range templates {
		worked := 0
		for seed := range int64(5) {
			g := newGenerator(seed)
			template.write(g)
			c := Case{Seed: seed, Mesh: "outboundTrafficPolicy: {mode: REGISTRY_ONLY}", Objects: g.objects}
			b, err := c.Bundle()
			if err != nil {
				t.Fatal(err)
			}
			if err := judge.In(b, judge.Options{Mesh: c.Mesh}, func(w *judge.World) error {
				path, err := w.Walk(g.asked[0])
				if path.Outcome.Code == judge.Arrives || path.Outcome.Code == judge.Response {
					worked++
				}
				return err
			}); err != nil {
				t.Errorf("template %d, seed %d: %v", i, seed, err)
			}
		}
		if worked < 2 {
			t.Errorf("template %d: only %d of 5 work", i, worked)
		}
	}
}

// TestOutcomes: of requests that all end alike nothing is learned.
func TestOutcomes(t *testing.T) {
	count := map[judge.Code]int{}
	total := 0
	for seed := range int64(120) {
		c := New(seed)
		b, err := c.Bundle()
		if err != nil {
			t.Fatal(err)
		}
		if err := judge.In(b, judge.Options{Mesh: c.Mesh}, func(w *judge.World) error {
			for _, r := range c.Requests {
				path, err := w.Walk(r)
				if err != nil {
					return fmt.Errorf("%+v: %w", r, err)
				}
				count[path.Outcome.Code]++
				total++
			}
			return nil
		}); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	share := func(c judge.Code) float64 { return 100 * float64(count[c]) / float64(total) }
	for code, least := range map[judge.Code]float64{
		judge.Arrives: 35, judge.Blackhole: 2, judge.Passthrough: 2, judge.NoRoute: 2, judge.NoCluster: 1, judge.NoEndpoints: 1,
		judge.TLSFailure: 1, judge.ProtocolError: 1, judge.Response: 0.5,
	} {
		if share(code) < least {
			t.Errorf("%.1f %% end as %s, want %.1f or more", share(code), code, least)
		}
	}
	if share(judge.Arrives) > 60 || share(judge.Unknown) > 5 {
		t.Errorf("%.1f %% arrive, and of %.1f %% nothing is known", share(judge.Arrives), share(judge.Unknown))
	}
}
