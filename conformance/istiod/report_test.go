package istiod

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A tally counts what a judge was asked.
type tally struct {
	cells, variants, requests, agreed, disagreed int
	took                                         []time.Duration
}

func (t *tally) judged(ofMatrix bool, requests int, agreed bool) {
	if ofMatrix {
		t.cells++
	} else {
		t.variants++
	}
	t.requests += requests
	if agreed {
		t.agreed++
	} else {
		t.disagreed++
	}
}

var istiodReport, tlsReport tally

func report() {
	fmt.Println(istiodReport)
	for _, t := range tested.targets {
		if len(t.Gates) > 0 {
			fmt.Printf("skipped %s: %s\n", t.Name, strings.Join(slices.Sorted(maps.Keys(t.Gates)), ", "))
		}
	}
}
