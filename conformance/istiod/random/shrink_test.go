package random

import (
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// rivals is a fault that takes a DestinationRule with a subset of the mesh's TLS, a VirtualService, and one request.
func rivals(c Case) bool {
	subset, route := false, false
	for _, o := range c.Objects {
		route = route || kindOf(o) == "VirtualService"
		for _, s := range items(specOf(o), "subsets") {
			subset = subset || text(child(s, "trafficPolicy", "tls"), "mode") == "ISTIO_MUTUAL"
		}
	}
	asked := false
	for _, r := range c.Requests {
		asked = asked || r.From != judge.Outside
	}
	return subset && route && asked
}

func TestShrink(t *testing.T) {
	found := 0
	for seed := int64(0); found < 10; seed++ {
		c := New(seed)
		if !rivals(c) {
			continue
		}
		found++
		calls := 0
		small := Shrink(c, func(c Case) bool {
			calls++
			return rivals(c)
		})
		if calls > maxCalls {
			t.Errorf("seed %d: %d calls", seed, calls)
		}
		if !rivals(small) {
			t.Errorf("seed %d: it does not fail any more:\n%s", seed, small.YAML())
		}
		if len(small.Requests) != 1 || len(small.Objects) != 2 || size(small.Objects[0])+size(small.Objects[1]) > 36 {
			t.Errorf("seed %d: not small: %d objects of %d, %d requests\n%s", seed, len(small.Objects), len(c.Objects), len(small.Requests), small.YAML())
		}
		b, err := small.Bundle()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range judge.Refusals(judge.Validate(b)) {
			t.Errorf("seed %d: %s", seed, f)
		}
		t.Logf("seed %d: %d calls", seed, calls)
	}
}

// TestShrinkSound: what does not fail is left alone, and the case that is shrunk is not changed.
func TestShrinkSound(t *testing.T) {
	c := New(1)
	before := string(c.YAML())
	calls := 0
	same := Shrink(c, func(Case) bool {
		calls++
		return false
	})
	if string(same.YAML()) != before || calls != 1 {
		t.Errorf("a case that does not fail was shrunk, by %d calls", calls)
	}
	Shrink(c, func(c Case) bool { return len(c.Objects) > 0 })
	if string(c.YAML()) != before {
		t.Error("the case given was changed")
	}
}
