package generator

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/meshscenario/scenario/scenarios"
)

// chunk is how many plans one evaluation takes: enough to forget what an evaluation costs by itself, few enough to
// keep the values of one evaluation small in memory.
const chunk = 64

// A job is a run of plans of one scenario, by its template.
type job struct {
	scenario string
	plans    []*scenarios.Plan
	indices  []int // of the plans among all
	err      error
	trace    []byte // what std.trace said
}

// forEachChunk calls f for every job, on every core; each core keeps its machines. The errors come in the order of the
// jobs, whichever core was faster.
func forEachChunk(plans []*scenarios.Plan, options Options, f func(*machine, *job) error) error {
	byScenario := map[string][]int{}
	for i, p := range plans {
		byScenario[p.Scenario.Template()] = append(byScenario[p.Scenario.Template()], i)
	}
	var jobs []*job
	for _, id := range slices.Sorted(maps.Keys(byScenario)) {
		for indices := range slices.Chunk(byScenario[id], chunk) {
			j := &job{scenario: id, indices: indices}
			for _, i := range indices {
				j.plans = append(j.plans, plans[i])
			}
			jobs = append(jobs, j)
		}
	}
	queue := make(chan *job, len(jobs))
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		wait.Go(func() {
			machines := map[string]*machine{}
			for j := range queue {
				m := machines[j.scenario]
				if m == nil {
					if m, j.err = newMachine(j.scenario, options); j.err != nil {
						continue
					}
					machines[j.scenario] = m
				}
				m.trace.Reset()
				j.err = f(m, j)
				j.trace = slices.Clone(m.trace.Bytes())
			}
		})
	}
	wait.Wait()
	var errs []error
	for _, j := range jobs {
		errs = append(errs, j.err)
		if options.Trace != nil && len(j.trace) > 0 {
			if _, err := options.Trace.Write(j.trace); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// input is what the machine is given for plans of one scenario.
func input(plans []*scenarios.Plan, options Options) map[string]any {
	targets := map[string]any{}
	definitions := make([]any, len(plans))
	for i, p := range plans {
		if targets[p.Target.Name] == nil {
			targets[p.Target.Name] = p.Target.Facts()
		}
		definitions[i] = map[string]any{"definition": definitionValue(p), "target": p.Target.Name}
	}
	return map[string]any{"keys": keys(options.PartsOf(plans[0])), "why": options.Why, "targets": targets, "plans": definitions}
}

// keys are the keys of a template's answer that are wanted: the parts, and what two of them ask for together.
func keys(parts []scenarios.Part) []any {
	var keys []any
	for _, first := range scenarios.Parts {
		if !slices.Contains(parts, first) {
			continue
		}
		keys = append(keys, string(first))
		for _, second := range scenarios.Parts {
			if second != first && slices.Contains(parts, second) {
				keys = append(keys, string(first)+"+"+string(second))
			}
		}
	}
	return keys
}

// evaluate runs the template for each plan of the job. When it fails for several at once it is run for each alone, to
// say which one it was.
func evaluate(m *machine, j *job, options Options) ([]any, error) {
	outputs, err := m.run(input(j.plans, options))
	if err == nil {
		return outputs, nil
	}
	for _, p := range j.plans {
		if _, err := m.run(input([]*scenarios.Plan{p}, options)); err != nil {
			return nil, templateError(p, options, "", err)
		}
	}
	return nil, templateError(j.plans[0], options, "", err)
}
