package istiod

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// A tally counts what a judge was asked, for the report at the end.
type tally struct {
	agreed, disagreed int
	cells             int // of the render matrix, on one target; the others are variants
	questions         int // requests followed, or handshakes done
	took              []time.Duration
}

// add counts one bundle, fault or hop; ofMatrix says that it is a cell of the render matrix.
func (t *tally) add(ofMatrix bool, questions int, agreed bool, took time.Duration) {
	if ofMatrix {
		t.cells++
	}
	if agreed {
		t.agreed++
	} else {
		t.disagreed++
	}
	t.questions += questions
	t.took = append(t.took, took)
}

func (t *tally) judged() int { return t.agreed + t.disagreed }

func (t *tally) median() time.Duration {
	if len(t.took) == 0 {
		return 0
	}
	slices.Sort(t.took)
	return t.took[len(t.took)/2].Round(100 * time.Microsecond)
}

// What each judge was asked in this run.
var istiodTally, joinedTally, mutationTally, tlsTally tally

// report says what was judged, what agreed, and what was skipped and why.
func report(w io.Writer) {
	line := func(judge string, t *tally, what string) {
		fmt.Fprintf(w, "%-10s %d judged, %d agreed, %d disagreed, %s, median %s\n", judge, t.judged(), t.agreed, t.disagreed, what, t.median())
	}
	var names []string
	for _, t := range tested.judged() {
		names = append(names, t.Name)
	}
	skipped := map[string]int{}
	for _, m := range tested.matrix {
		skipped[m.Target]++
		if !m.Supported || slices.Contains(names, m.Target) {
			skipped[m.Target]--
		}
	}
	total := 0
	for _, n := range skipped {
		total += n
	}
	line("istiod", &istiodTally, fmt.Sprintf("%d skipped: %d bundles of cells and %d of variants on %s, %d requests", total,
		istiodTally.cells, istiodTally.judged()-istiodTally.cells, strings.Join(names, ", "), istiodTally.questions))
	line("joined", &joinedTally, fmt.Sprintf("0 skipped: %d requests from one mesh to another, each through istiod's code of both", joinedTally.questions))
	line("mutations", &mutationTally, "0 skipped: faults put into bundles on "+tested.newest().Name)
	fmt.Fprintf(w, "%-10s %d named a request and were borne out: %d bad examples beside their good ones, %d beside what their patches make; %d examples are of OpenShift Service Mesh 2, %d of certificates\n",
		"rules", len(rulesTally.proven), rulesTally.twins, rulesTally.patches, rulesTally.elsewhere, rulesTally.opaque)
	why := ""
	if handshakes.notDone > 0 {
		why = " as cells.yaml does not say what listens at the end"
	}
	line("tls", &tlsTally, fmt.Sprintf("%d skipped%s; each TLS of those requests, once: %d handshakes", handshakes.notDone, why, tlsTally.questions))
	fmt.Fprintf(w, "%-10s random from seed %d: %s\n", "model", *randomSeed, randomTally.String())
	fmt.Fprintf(w, "%-10s written by people: %s\n", "", writtenTally.String())
	fmt.Fprintf(w, "%-10s %s of memory at most\n", "", peakMemory())
	fmt.Fprintf(w, "skipped by istiod, as their own istiod is not at hand: the gates of mesh/gates.go in which they differ from Istio 1.%d\n", judge.Minor)
	for _, t := range tested.targets {
		if len(t.Gates) > 0 {
			fmt.Fprintf(w, "  %-10s %d cells: %s\n", t.Name, skipped[t.Name], wrapped(slices.Sorted(slices.Values(t.Gates)), 96, "\n             "))
		}
	}
}

// wrapped joins words into lines of a width.
func wrapped(words []string, width int, newline string) string {
	var text strings.Builder
	length := 0
	for i, word := range words {
		switch {
		case i == 0:
		case length+1+len(word) > width:
			text.WriteString(newline)
			length = 0
		default:
			text.WriteString(" ")
			length++
		}
		text.WriteString(word)
		length += len(word)
	}
	return text.String()
}

// peakMemory is the most that this process had resident.
func peakMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for _, l := range strings.Split(string(status), "\n") {
		if value, found := strings.CutPrefix(l, "VmHWM:"); found {
			var kB int
			_, _ = fmt.Sscan(value, &kB)
			return fmt.Sprintf("%d MB", kB/1024)
		}
	}
	return "unknown"
}
