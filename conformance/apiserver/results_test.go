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

// results are what TestBundles finds, for people to read at the end.
var results tally

type tally struct {
	mu       sync.Mutex
	begun    time.Time
	byTarget map[string]*result
}

// A result is one target's. Its plane works on one bundle at a time, so it needs no lock of its own.
type result struct {
	crds         string
	start, ready time.Duration // of the plane: to its first answer, and to its CRDs served as well
	peakMB       int
	agreed       int
	disagreed    int
	skipped      map[string]int // by reason
	bySource     map[string]int
	manyWays     int             // bundles that were handed over in each way
	times        []time.Duration // of applying server-side, reading back and removing, by bundle
}

func (t *tally) of(target target) *result {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byTarget == nil {
		t.begun, t.byTarget = time.Now(), map[string]*result{}
	}
	r := &result{skipped: map[string]int{}, bySource: map[string]int{}}
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

// print says nothing when TestBundles did not run.
func (t *tally) print(w io.Writer) {
	if len(t.byTarget) == 0 {
		return
	}
	var sum result
	sum.skipped, sum.bySource = map[string]int{}, map[string]int{}
	for _, target := range targets {
		r := t.byTarget[target.Name]
		if r == nil {
			continue
		}
		sum.agreed += r.agreed
		sum.disagreed += r.disagreed
		for why, n := range r.skipped {
			sum.skipped[why] += n
		}
		for source, n := range r.bySource {
			sum.bySource[source] += n
		}
		sum.manyWays += r.manyWays
	}
	skipped := 0
	for _, n := range sum.skipped {
		skipped += n
	}
	fmt.Fprintf(w, "%-11s %d bundles judged, %d agreed, %d disagreed, %d skipped\n", "apiserver", sum.judged(), sum.agreed, sum.disagreed, skipped)
	line := func(format string, args ...any) {
		fmt.Fprintln(w, "            "+strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
	var sources []string
	for _, source := range slices.Sorted(maps.Keys(sum.bySource)) {
		sources = append(sources, fmt.Sprintf("%d %s", sum.bySource[source], source))
	}
	line("%s, applied server-side and read back; %d of them also by plain oc apply, twice, and by a dry run", strings.Join(sources, ", "), sum.manyWays)
	for _, target := range targets {
		if r := t.byTarget[target.Name]; r != nil && r.judged() > 0 {
			line("%-10s  %3d bundles, median %3d ms, plane ready in %2.1f + %2.1f s, %3d MB, CRDs of %s", target.Name, r.judged(),
				median(r.times).Milliseconds(), r.start.Seconds(), (r.ready - r.start).Seconds(), r.peakMB, r.crds)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(sum.skipped)) {
		line("%d skipped: %s", sum.skipped[why], why)
	}
	line("%.0f s", time.Since(t.begun).Seconds())
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}
