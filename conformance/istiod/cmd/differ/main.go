// Differ holds the model of package traffic against istiod's code, over random bundles or over files.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
	"github.com/meshscenario/scenario/conformance/istiod/random"
)

func main() {
	if err := judge.CleanEnvironment(); err != nil {
		fail(err)
	}
	seed := flag.Int64("seed", 1, "the first seed")
	count := flag.Int("count", 300, "how many bundles")
	shrink := flag.Bool("shrink", false, "make the first disagreement small")
	most := flag.Int("most", 20, "stop after so many disagreements")
	quiet := flag.Bool("quiet", false, "no bundles, only how they differ")
	flag.Parse()

	dir, err := os.MkdirTemp("", "differ-")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "walker")
	if err := model.Build(binary); err != nil {
		fail(err)
	}
	seeds := make(chan int64)
	var mutex sync.Mutex
	var group sync.WaitGroup
	total := model.Tally{}
	shown := 0
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			w, err := model.Start(binary)
			if err != nil {
				fail(err)
			}
			defer w.Close()
			for s := range seeds {
				c := random.New(s)
				found, err := compare(w, c)
				mutex.Lock()
				total.Add(found, err)
				show := (err != nil || len(found.Differences) > 0) && shown < *most
				if show {
					shown++
				}
				mutex.Unlock()
				if !show {
					continue
				}
				if *shrink {
					c = random.Shrink(c, func(c random.Case) bool {
						again, e := compare(w, c)
						return err != nil && e != nil || err == nil && len(again.Differences) > 0
					})
					found, err = compare(w, c)
				}
				var text strings.Builder
				fmt.Fprintf(&text, "--- seed %d\n", s)
				if err != nil {
					fmt.Fprintln(&text, "error:", err)
				}
				if !*quiet {
					fmt.Fprintf(&text, "%s", c.YAML())
					if c.Mesh != "" {
						fmt.Fprintf(&text, "mesh: %s\n", c.Mesh)
					}
				}
				for _, d := range found.Differences {
					fmt.Fprintln(&text, d)
				}
				mutex.Lock()
				fmt.Print(text.String())
				mutex.Unlock()
			}
		})
	}
	for i := range *count {
		seeds <- *seed + int64(i)
	}
	close(seeds)
	group.Wait()
	fmt.Println(strings.TrimSpace(total.String()))
}

func compare(w *model.Walker, c random.Case) (model.Result, error) {
	b, err := c.Bundle()
	if err != nil {
		return model.Result{}, err
	}
	return model.Compare(w, b, c.Mesh, c.Requests)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
