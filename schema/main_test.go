package schema

import (
	"flag"
	"os"
	"sync"
	"testing"
)

// verdictsOf counts how often each rule that a CRD states in CEL was met, and how often it was not.
var verdictsOf = struct {
	sync.Mutex
	met, unmet map[string]int
}{met: map[string]int{}, unmet: map[string]int{}}

func TestMain(m *testing.M) {
	flag.Parse()
	for text, r := range rules {
		holds := r.holds
		r.holds = func(v object) bool {
			ok := holds(v)
			verdictsOf.Lock()
			defer verdictsOf.Unlock()
			if ok {
				verdictsOf.met[text]++
			} else {
				verdictsOf.unmet[text]++
			}
			return ok
		}
		rules[text] = r
	}
	os.Exit(m.Run())
}
