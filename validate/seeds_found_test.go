package validate_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// openSeeds are the expectations with a rule that no run finds, and why.
var openSeeds = map[string]string{
	"002:365 MSH304": "a guess of a client that nothing in the files names: told at info",
	"002:366 MSH120": "files need not hold the namespaces that there are",
	"002:383 MSH427": "a Service of a namespace that is not in the files is taken to be there",
	"004:348 MSH905": "only one namespace has VirtualServices for that Gateway",
}

// seedRuns are the bundles that a seed is looked at as. What a later step replaces is looked at without it, and what an
// object's API refuses is looked at once more when it is mended, since a refusal hides what the object does.
func seedRuns(t *testing.T, seed string) []*bundle.Bundle {
	t.Helper()
	runs := []*bundle.Bundle{seedBundle(t, seed)}
	read := func(before int, mended ...int) {
		lines := seedLines(t, seed)
		for _, n := range mended {
			_, pipe, _ := strings.Cut(lines[n], `"`)
			lines[n] = `"` + pipe
		}
		var its []cut
		for _, c := range cuts {
			if c.seed == seed && c.to < before {
				its = append(its, c)
			}
		}
		b, err := bundle.Read(seed, bytes.NewReader(text(lines, its...)))
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, b)
	}
	switch seed {
	case "000":
		// What an old version hides is seen when that is mended.
		whole := strings.ReplaceAll(strings.Join(seedLines(t, seed)[1:], "\n"), "extensions/v1beta1", "apps/v1")
		b, err := bundle.Read(seed, bytes.NewReader(text(append([]string{""}, strings.Split(whole, "\n")...), cutsOf(seed)...)))
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, b)
	case "002":
		read(414)
		read(414, 335, 386)
	case "003":
		read(121)
	}
	return runs
}

// ownTargets are the meshes of the seeds that are not about Istio.
var ownTargets = map[string]string{"000": "tyk", "001": "tyk", "003": "contrast"}

// TestSeedsFoundOnTheirOwn holds that what is expected of those seeds is found with their own mesh as the target, too.
func TestSeedsFoundOnTheirOwn(t *testing.T) {
	for seed, name := range ownTargets {
		target, ok := mesh.Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		found := map[string]bool{}
		for _, b := range seedRuns(t, seed) {
			result, err := validate.Run(b, validate.Options{Target: target, Rules: rules.All})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range result.Findings {
				found[fmt.Sprintf("%d %s %s", f.Line, f.Rule, f.Severity)] = true
			}
		}
		for _, e := range expectations(t) {
			if at := fmt.Sprintf("%d %s %s", e.line, e.rule, e.severity); e.seed == seed && rule.MatchString(e.rule) && !found[at] {
				t.Errorf("%s, on %s: not found: %s: %s", seed, name, at, e.what)
			} else if e.seed == seed {
				delete(found, at)
			}
		}
		for at := range found {
			if !strings.HasSuffix(at, string(validate.Info)) {
				t.Errorf("%s, on %s: not expected: %s", seed, name, at)
			}
		}
	}
}

// TestSeedsFound holds what the rules find in the seeds against the expectations: what has a rule is found, at its line,
// by a run for the oldest or the newest mesh, and at error or warning nothing else is.
func TestSeedsFound(t *testing.T) {
	for _, seed := range []string{"000", "001", "002", "003", "004"} {
		found := map[string]validate.Finding{}
		for _, b := range seedRuns(t, seed) {
			for _, name := range []string{"ossm-2.6", "istio-1.31"} {
				target, _ := mesh.Lookup(name)
				result, err := validate.Run(b, validate.Options{Target: target, Rules: rules.All})
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range result.Findings {
					found[fmt.Sprintf("%s:%d %s %s", seed, f.Line, f.Rule, f.Severity)] = f
				}
			}
		}
		for _, e := range expectations(t) {
			if e.seed != seed || !rule.MatchString(e.rule) {
				continue
			}
			at := fmt.Sprintf("%s:%d %s", e.seed, e.line, e.rule)
			reason, open := openSeeds[at]
			_, is := found[at+" "+e.severity]
			switch {
			case !is && !open:
				t.Errorf("%s %s: not found: %s", at, e.severity, e.what)
			case is && open:
				t.Errorf("%s is found, and is not open any more: %s", at, reason)
			}
			delete(found, at+" "+e.severity)
		}
		for at, f := range found {
			if f.Severity != validate.Info {
				t.Errorf("%s: not expected: %s %s: %s", at, f.Object, f.Field, f.Message)
			}
		}
	}
}
