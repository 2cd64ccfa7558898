package apiserver

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// The names by which kubectl is given a bundle.
const (
	yamlFile = "bundle.yaml"
	jsonFile = "bundle.json"
)

// A way is how people hand a bundle to a cluster. It gives what went another way than it should.
type way func(p *plane.Plane, r rendered) []string

// serverSide applies the bundle with the server as the one who merges.
func serverSide(p *plane.Plane, r rendered) []string {
	return applyAndRead(p, r, "--server-side")
}

// byRequest makes the requests of serverSide without kubectl, which takes a tenth of a second to start: for targets
// that differ from one that oc tries in their CRDs alone.
func byRequest(p *plane.Plane, r rendered) []string {
	var faults []string
	for _, o := range r.objects {
		warnings, err := p.Apply(o)
		if err != nil {
			return append(faults, err.Error())
		}
		faults = append(faults, warnings...)
	}
	return append(faults, readBack(p, r.objects)...)
}

// clientSide applies the bundle as most people do, and once more, which must change nothing.
func clientSide(p *plane.Plane, r rendered) []string {
	faults := applyAndRead(p, r)
	stdout, _, err := p.Kubectl("apply", "-f", yamlFile)
	if err != nil {
		return append(faults, "applied once more: "+err.Error())
	}
	for line := range strings.Lines(stdout) {
		if line = strings.TrimSpace(line); !strings.HasSuffix(line, " unchanged") {
			faults = append(faults, "applied once more: "+line)
		}
	}
	return faults
}

// dryRun asks the server what it would do, of the bundle as one List in JSON, which kubectl validates by itself. A
// namespace that does not exist has no place for the objects that would follow it, so those of the bundle are created
// first.
func dryRun(p *plane.Plane, r rendered) []string {
	for _, o := range r.objects {
		if isNamespace(o) {
			if err := p.CreateNamespace(o.Name()); err != nil {
				return []string{err.Error()}
			}
		}
	}
	faults, _ := apply(p, jsonFile, "--server-side", "--dry-run=server")
	return faults
}

func applyAndRead(p *plane.Plane, r rendered, options ...string) []string {
	faults, done := apply(p, yamlFile, options...)
	if done {
		return append(faults, readBack(p, r.objects)...)
	}
	// Not every message names its object.
	var absent []string
	for _, o := range r.objects {
		if _, err := p.Get(o); err != nil {
			absent = append(absent, o.String())
		}
	}
	return append(faults, "not stored: "+strings.Join(absent, ", "))
}

// apply gives what kubectl says to stderr, which is nothing as long as all is well: warnings count.
func apply(p *plane.Plane, file string, options ...string) (faults []string, done bool) {
	args := append([]string{"apply", "-f", file}, options...)
	_, stderr, err := p.Kubectl(args...)
	switch stderr = strings.TrimSpace(stderr); {
	case err != nil:
		return []string{err.Error()}, false
	case stderr != "":
		return []string{"oc " + strings.Join(args, " ") + ": " + stderr}, true
	}
	return nil, true
}

// readBack compares what the server has stored with what it was given.
func readBack(p *plane.Plane, objects []plane.Object) []string {
	var faults []string
	for _, want := range objects {
		got, err := p.Get(want)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: read back: %v", want, err))
			continue
		}
		for _, fault := range differences("", map[string]any(want), map[string]any(got)) {
			faults = append(faults, fmt.Sprintf("%s: read back: %s", want, fault))
		}
	}
	return faults
}

// differences lists what of want is not in got; got may have more, for the server adds defaults. Items of lists are
// compared in order, and none may be added.
func differences(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			break
		}
		var all []string
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if _, ok := got[key]; !ok {
				all = append(all, fmt.Sprintf("%s.%s is lost", path, key))
				continue
			}
			all = append(all, differences(path+"."+key, want[key], got[key])...)
		}
		return all
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			break
		}
		var all []string
		for i := range want {
			all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), want[i], got[i])...)
		}
		return all
	case json.Number:
		if got, ok := got.(json.Number); ok && equal(want, got) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %s instead of %s", path, asJSON(got), asJSON(want))}
}

// equal compares numbers by value: 1 is 1.0.
func equal(a, b json.Number) bool {
	x, err := a.Float64()
	y, err2 := b.Float64()
	return err == nil && err2 == nil && x == y
}

func asJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// inEmptyCluster hands a bundle to a cluster and removes it again, so that the next one meets nothing. A bundle that
// brings namespaces brings all that it needs, and before what is in them; for one that brings none, they are there.
func inEmptyCluster(p *plane.Plane, r rendered, hand way) (faults []string, err error) {
	for file, text := range map[string]string{yamlFile: r.yaml, jsonFile: r.json} {
		if err := os.WriteFile(filepath.Join(p.Dir, file), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	remove := slices.Clone(r.objects)
	if !slices.ContainsFunc(r.objects, isNamespace) {
		names := map[string]bool{}
		for _, o := range r.objects {
			if name := o.Namespace(); name != "" && !names[name] {
				names[name] = true
				if err := p.CreateNamespace(name); err != nil {
					return nil, err
				}
				remove = append(remove, namespace(name))
			}
		}
	}
	faults = hand(p, r)
	// Namespaces last: nobody finds what is left in them.
	slices.SortStableFunc(remove, func(a, b plane.Object) int { return cmp.Compare(rank(a), rank(b)) })
	var errs []error
	for _, o := range remove {
		errs = append(errs, p.Delete(o))
	}
	return faults, errors.Join(errs...)
}

func rank(o plane.Object) int {
	if isNamespace(o) {
		return 1
	}
	return 0
}

func isNamespace(o plane.Object) bool { return o.Kind() == "Namespace" && o.APIVersion() == "v1" }

func namespace(name string) plane.Object {
	return plane.Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
}
