package apiserver

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

const cellSource = "cells"

// A bundle is what one command of scenario prints, or what is written in files.
type bundle struct {
	name    string
	source  string // where the command comes from
	command []string
	files   []string // instead of a command
	target  target
}

// A rendered bundle is what people apply, in either format, and what it says.
type rendered struct {
	yaml    string // JSON is YAML too
	json    string // one List
	objects []plane.Object
}

// TestTargets gives each target a cluster of its kind that is empty but for CRDs. Every bundle is applied to it and read
// back, by oc on the newest target of each line; then it says of good and bad objects what package schema says, and on the newest target and the oldest it refuses
// what is wrong. They share a cluster because one takes five seconds of a processor to get ready.
func TestTargets(t *testing.T) {
	t.Parallel()
	objects, refusals := verdicts(t), refusalsOf()
	bundles := map[string][]bundle{}
	for _, b := range slices.Concat(cells(t), variants(t), odd(t), migrated(t), bookinfoBundles(t)) {
		bundles[b.target.Name] = append(bundles[b.target.Name], b)
	}
	// The longest first, so that no plane works on alone at the end.
	longest := slices.SortedStableFunc(slices.Values(targets), func(a, b target) int {
		return cmp.Compare(len(bundles[b.Name]), len(bundles[a.Name]))
	})
	for _, target := range longest {
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			p, crds := clusterOf(t, target)
			result := results.of(target)
			result.crds, result.start, result.ready = crds, p.StartedIn, time.Since(begun)
			version, err := p.Version()
			if err != nil {
				t.Fatal(err)
			}
			result.server = version
			for _, b := range bundles[target.Name] {
				var left error
				t.Run(b.name, func(t *testing.T) { left = judge(t, p, b, result) })
				if left != nil {
					t.Fatalf("%s: the cluster is not as empty as the next bundle needs it: %v", b, left)
				}
			}
			t.Run("schema", func(t *testing.T) { agree(t, p, objects[target.Name]) })
			if all := refusals[target.Name]; all != nil {
				t.Run("refusals", func(t *testing.T) { refuse(t, p, target, all) })
			}
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
			result.peakMB = p.PeakMB()
		})
	}
}

// judge applies a bundle and counts what comes of it. The error is about what is left of it in the cluster.
func judge(t *testing.T, p *plane.Plane, b bundle, result *result) error {
	r, err := b.render()
	if err != nil {
		result.count(b.source, false)
		t.Fatal(err)
	}
	for _, o := range r.objects {
		if why := missingCRDs(o); why != "" {
			result.skipped[why]++
			t.Skip(why)
		}
	}
	begun := time.Now()
	hand := byRequest
	if b.target.Newest {
		hand = serverSide
	}
	faults, err := inEmptyCluster(p, r, hand)
	result.times = append(result.times, time.Since(begun))
	if b.target.Newest && b.source == cellSource {
		result.manyWays++
		for _, way := range []way{clientSide, dryRun} {
			if err != nil {
				break
			}
			var more []string
			more, err = inEmptyCluster(p, r, way)
			faults = append(faults, more...)
		}
	}
	for _, fault := range faults {
		t.Errorf("%s: %s", b, fault)
	}
	result.count(b.source, len(faults) == 0)
	return err
}

// unanswered lets pass what a webhook would be asked about: whoever answers does not run here.
var unanswered = strings.NewReplacer("failurePolicy: Fail", "failurePolicy: Ignore", `"failurePolicy": "Fail"`, `"failurePolicy": "Ignore"`)

// String is what to type to see the bundle.
func (b bundle) String() string {
	if b.files != nil {
		return "cat " + strings.Join(b.files, " ")
	}
	return "scenario " + strings.Join(b.command, " ")
}

func (b bundle) render() (rendered, error) {
	if b.files != nil {
		return readFiles(b.files)
	}
	var r rendered
	var err error
	if r.json, err = b.run("-o", "json"); err != nil {
		return r, err
	}
	// That both formats hold the same does not depend on the target: package bundle has tests for it.
	if r.yaml = r.json; b.target.Newest {
		if r.yaml, err = b.run(); err != nil {
			return r, err
		}
	}
	r.yaml, r.json = unanswered.Replace(r.yaml), unanswered.Replace(r.json)
	list, err := plane.Decode([]byte(r.json))
	if err != nil {
		return r, fmt.Errorf("%s -o json: %w", b, err)
	}
	items, _ := list["items"].([]any)
	if len(items) == 0 {
		return r, fmt.Errorf("%s: no objects", b)
	}
	for _, item := range items {
		object, _ := item.(map[string]any)
		r.objects = append(r.objects, object)
	}
	return r, nil
}

func (b bundle) run(more ...string) (string, error) {
	command := exec.Command(scenario, append(slices.Clone(b.command), more...)...)
	command.Dir = "../../examples" // where the variants' definitions are
	return output(command)
}

// cells are the bundles of all that scenario list calls supported, with everything that it can bring.
func cells(t *testing.T) []bundle {
	t.Helper()
	out, err := output(exec.Command(scenario, "list", "-o", "json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Scenario, Encryption, Target string
		Supported                    bool
		Meshes                       []string
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("scenario list -o json: %v", err)
	}
	var all []bundle
	for _, cell := range list {
		if !cell.Supported {
			continue
		}
		b := bundle{
			name:    cell.Scenario + " " + cell.Encryption,
			source:  cellSource,
			command: []string{"render", cell.Scenario, "--encryption", cell.Encryption, "--target", cell.Target, "--include", "all"},
			target:  targetOf(t, cell.Target),
		}
		if slices.Contains(others, cell.Target) {
			b.name += " " + cell.Target
		}
		if len(cell.Meshes) == 0 {
			all = append(all, b)
		}
		for _, mesh := range cell.Meshes { // each has a cluster of its own
			of := b
			of.name += " " + mesh
			of.command = append(slices.Clone(b.command), "--mesh", mesh)
			if cell.Scenario == "2b" {
				of.command = append(of.command, "--set", "meshes[0].gateway.addresses=192.0.2.10")
			}
			all = append(all, of)
		}
	}
	return all
}

// variants are the examples beyond one a cell. Their files are named after what they are and their target.
func variants(t *testing.T) []bundle {
	t.Helper()
	var all []bundle
	for _, line := range lines(t, "../../examples/variants.txt") {
		file, command, _ := strings.Cut(line, ": ")
		name, target, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".yaml"), ".")
		all = append(all, bundle{name: name, source: "variants", command: strings.Fields(command), target: targetOf(t, target)})
	}
	return all
}

// migrated are the examples for the newest OpenShift Service Mesh 2, and with CONFORMANCE_FULL for all of it, migrated to the
// newest 3.
func migrated(t *testing.T) []bundle {
	t.Helper()
	to := targets[slices.IndexFunc(targets, func(target target) bool { return target.ControlPlane == "Istio" && target.Newest })]
	var all []bundle
	for _, pattern := range []string{"*/*/ossm-2.*.yaml", "variants/*.ossm-2.*.yaml"} {
		files, err := filepath.Glob("../../examples/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no examples (%v)", pattern, err)
		}
		for _, file := range files {
			file = strings.TrimPrefix(filepath.ToSlash(file), "../../examples/")
			version, _, _ := strings.Cut(file[strings.Index(file, "ossm-2."):], ".yaml")
			if !targetOf(t, version).Newest && os.Getenv("CONFORMANCE_FULL") == "" {
				continue
			}
			all = append(all, bundle{
				name: file, source: "migrated", command: []string{"migrate", "-f", file, "--from", version, "--to", to.Name, "--network-policies"}, target: to,
			})
		}
	}
	return all
}

// odd are parameters that are asked for seldom, on the oldest and the newest target of each line, or on every one of
// them when CONFORMANCE_FULL is set.
func odd(t *testing.T) []bundle {
	t.Helper()
	var all []bundle
	for _, line := range lines(t, "../../cmd/scenario/testdata/odd.txt") {
		for i, target := range targets {
			if oldest := i == 0 || targets[i-1].Newest; oldest || target.Newest || os.Getenv("CONFORMANCE_FULL") != "" {
				command := append(strings.Fields(line), "--target", target.Name)
				all = append(all, bundle{name: line, source: "odd parameters", command: command, target: target})
			}
		}
	}
	return all
}

// lines are those of a file that are neither empty nor comments.
func lines(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// others are the targets that are no Istio. Nothing in their clusters has a kind of its own, so the newest Istio's will do.
var others = []string{"tyk", "contrast"}

func targetOf(t *testing.T, name string) target {
	t.Helper()
	i := slices.IndexFunc(targets, func(target target) bool { return target.Name == name })
	if i < 0 && slices.Contains(others, name) {
		i = slices.IndexFunc(targets, func(target target) bool { return target.ControlPlane == "Helm" && target.Newest })
	}
	if i < 0 {
		t.Fatalf("conformance/targets does not know target %q", name)
	}
	return targets[i]
}
