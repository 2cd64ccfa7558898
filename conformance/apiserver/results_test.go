package apiserver

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// results are what TestTargets finds, for people to read at the end.
var results tally

type tally struct {
	begun    time.Time
	mu       sync.Mutex
	byTarget map[string]*result
}

// A result is one target's. Its plane works on one bundle at a time, so it needs no lock of its own.
type result struct {
	server       string // its version
	crds         string
	start, ready time.Duration // of the plane: to its first answer, and to its CRDs served as well
	peakMB       int
	agreed       int
	disagreed    int
	manyWays     int             // bundles that were handed over in each way
	times        []time.Duration // of applying server-side, reading back and removing, by bundle
	skipped      map[string]int  // by reason
	bySource     map[string]int
}

func newResult() *result {
	return &result{skipped: map[string]int{}, bySource: map[string]int{}}
}

func (t *tally) of(target target) *result {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byTarget == nil {
		t.byTarget = map[string]*result{}
	}
	r := newResult()
	t.byTarget[target.Name] = r
	return r
}

func (r *result) count(source string, agreed bool) {
	r.bySource[source]++
	if agreed {
		r.agreed++
	} else {
		r.disagreed++
	}
}

func (r *result) judged() int { return r.agreed + r.disagreed }

// print says nothing when TestTargets did not run.
func (t *tally) print(w io.Writer) {
	if len(t.byTarget) == 0 {
		return
	}
	sum, skipped := newResult(), 0
	for _, r := range t.byTarget {
		sum.server = r.server
		sum.agreed += r.agreed
		sum.disagreed += r.disagreed
		sum.manyWays += r.manyWays
		for why, n := range r.skipped {
			sum.skipped[why] += n
			skipped += n
		}
		for source, n := range r.bySource {
			sum.bySource[source] += n
		}
	}
	var sources []string
	for _, source := range slices.Sorted(maps.Keys(sum.bySource)) {
		sources = append(sources, fmt.Sprintf("%d %s", sum.bySource[source], source))
	}
	fmt.Fprintf(w, "%-11s %d bundles judged, %d agreed, %d disagreed, %d skipped\n", "apiserver", sum.judged(), sum.agreed, sum.disagreed, skipped)
	line := func(format string, args ...any) { fmt.Fprintf(w, "            "+format+"\n", args...) }
	line("%s: applied server-side (by oc on the newest target of each line), read back", strings.Join(sources, ", "))
	line("%d of them also by oc apply, twice, and as JSON by a dry run", sum.manyWays)
	line("kube-apiserver and kubectl %s; each target on a plane of its own, %.0f s in all", sum.server, time.Since(t.begun).Seconds())
	for _, target := range targets {
		if r := t.byTarget[target.Name]; r != nil && r.judged() > 0 {
			line("%-10s  %3d bundles, median %3d ms; up in %.1f s, CRDs in %.1f s, %d MB; CRDs of %s", target.Name, r.judged(),
				median(r.times).Milliseconds(), r.start.Seconds(), (r.ready - r.start).Seconds(), r.peakMB, r.crds)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(sum.skipped)) {
		line("%d skipped: %s", sum.skipped[why], why)
	}
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}
