package istiod

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
	"github.com/meshscenario/scenario/conformance/istiod/random"
)

var (
	randomCount = flag.Int("random", 3000, "how many random bundles the model is held against istiod in")
	randomSeed  = flag.Int64("seed", 1, "the seed of the first of them")
	recordInto  = flag.String("record", "", "a file to record judged cases in, for the plain tests of package traffic: 1,250 bundles from seed 1,000,000")
)

// What the model was asked in this run: about random bundles, and about those of people.
var randomTally, writtenTally model.Tally

// walker is the model, for tests that ask one thing after the other.
var walker *model.Walker

// walkers runs f on every core, each with a model of its own.
func walkers(t *testing.T, f func(w *model.Walker)) {
	t.Helper()
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			w, err := model.Start(walkerBinary)
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			f(w)
		})
	}
	group.Wait()
}

// TestModelRandom holds package traffic against istiod's code in random bundles. A disagreement is made small and kept
// in regressions/.
func TestModelRandom(t *testing.T) {
	var mutex sync.Mutex
	next, shrunk := *randomSeed, 0
	walkers(t, func(w *model.Walker) {
		compare := func(c random.Case) (model.Result, error) {
			b, err := c.Bundle()
			if err != nil {
				return model.Result{}, err
			}
			return model.Compare(w, b, c.Mesh, c.Requests)
		}
		for {
			mutex.Lock()
			seed := next
			next++
			mutex.Unlock()
			if seed >= *randomSeed+int64(*randomCount) {
				return
			}
			c := random.New(seed)
			result, err := compare(c)
			mutex.Lock()
			randomTally.Add(result, err)
			disagrees := err != nil || len(result.Differences) > 0
			shrink := disagrees && shrunk < 5
			if shrink {
				shrunk++
			}
			mutex.Unlock()
			switch {
			case shrink:
				c = random.Shrink(c, func(c random.Case) bool {
					again, e := compare(c)
					return e != nil && err != nil || err == nil && len(again.Differences) > 0
				})
				result, err = compare(c)
				file := filepath.Join("regressions", fmt.Sprintf("seed-%d.yaml", seed))
				t.Errorf("seed %d: %v\n%s\nkept in %s", seed, err, strings.Join(result.Differences, "\n"), file)
				if err := os.WriteFile(file, regression(c), 0o644); err != nil {
					t.Error(err)
				}
			case disagrees:
				t.Errorf("seed %d: %v\n%s", seed, err, strings.Join(result.Differences, "\n"))
			}
		}
	})
}

// asked is the first line of a regression, a bundle on which the model once was wrong: JSON in a comment.
type asked struct {
	Mesh     string          `json:"mesh,omitempty"`
	Requests []judge.Request `json:"requests"`
}

func regression(c random.Case) []byte {
	head, err := json.Marshal(asked{c.Mesh, c.Requests})
	if err != nil {
		panic(err) // strings
	}
	return append([]byte("# "+string(head)+"\n"), c.YAML()...)
}

// TestModelRegressions asks again what the model once got wrong.
func TestModelRegressions(t *testing.T) {
	files, err := filepath.Glob("regressions/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no regressions: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(data), "\n")
		var q asked
		if err := json.Unmarshal([]byte(strings.TrimPrefix(head, "# ")), &q); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		b, err := judge.Parse(file, data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		result, err := model.Compare(walker, b, q.Mesh, q.Requests)
		writtenTally.Add(result, err)
		if err != nil || len(result.Differences) > 0 || result.Requests == 0 && result.Excepted == "" {
			t.Errorf("%s: %v\n%s", file, err, strings.Join(result.Differences, "\n"))
		}
	}
}

// TestModelExamples follows what matters in each of the examples, on a strict mesh.
func TestModelExamples(t *testing.T) {
	for _, target := range tested.judged() {
		files, err := filepath.Glob("../../examples/*/*/" + target.Name + "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			compareFile(t, file)
		}
	}
}

// TestModelCorpus follows what matters in each file of the corpus, without the objects that Istio refuses.
func TestModelCorpus(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set: the corpus is not there")
	}
	files, err := filepath.Glob(filepath.Join(shared, "corpus", "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		compareFile(t, file)
	}
}

// compareFile asks both about a file on judge.Stock. Files that are no objects are left to the reader's own tests.
func compareFile(t *testing.T, file string) {
	t.Helper()
	b, err := judge.Load(file)
	if err != nil {
		return
	}
	result, err := model.Compare(walker, accepted(judge.Stock().And(b)), "", nil)
	writtenTally.Add(result, err)
	if err != nil || len(result.Differences) > 0 {
		t.Errorf("%s: %v\n%s", file, err, strings.Join(result.Differences, "\n"))
	}
}

// A recorded case is what the judge says of a random bundle.
type recorded struct {
	Seed    int64            `json:"seed"`
	Mesh    string           `json:"mesh,omitempty"`
	Objects []map[string]any `json:"objects"`
	Paths   []judge.Path     `json:"paths"`
}

// TestRecord writes judged cases for package traffic's own tests, which need no Istio. It is run by hand:
// go test . -run TestRecord -args -record ../../traffic/testdata/judged.jsonl.gz
func TestRecord(t *testing.T) {
	if *recordInto == "" {
		t.Skip("it records only when asked to: -args -record FILE")
	}
	const first, count = 1_000_000, 1250
	cases := make([]*recorded, count)
	var mutex sync.Mutex
	next := 0
	walkers(t, func(w *model.Walker) {
		for {
			mutex.Lock()
			i := next
			next++
			mutex.Unlock()
			if i >= count {
				return
			}
			c := random.New(first + int64(i))
			b, err := c.Bundle()
			if err == nil {
				var result model.Result
				result, err = model.Compare(w, b, c.Mesh, c.Requests)
				if len(result.Differences) > 0 {
					err = errors.Join(err, errors.New("the model disagrees: "+strings.Join(result.Differences, "\n")))
				}
				made := &recorded{Seed: c.Seed, Mesh: c.Mesh, Objects: c.Objects}
				for _, p := range result.Judged {
					if p.Outcome.Code != judge.Unknown && len(p.Else) == 0 {
						made.Paths = append(made.Paths, model.Normal(p))
					}
				}
				cases[i] = made
			}
			if err != nil {
				t.Errorf("seed %d: %v", c.Seed, err)
			}
		}
	})
	f, err := os.Create(*recordInto)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	out := json.NewEncoder(z)
	for _, c := range cases {
		if c != nil && len(c.Paths) > 0 {
			err = errors.Join(err, out.Encode(c))
		}
	}
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
