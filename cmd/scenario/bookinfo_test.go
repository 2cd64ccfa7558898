package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// A bookinfoWalk is ../../examples/bookinfo/walk.yaml, which says what its fields mean.
type bookinfoWalk struct {
	Beside string
	Steps  []struct {
		Name     string
		Apply    []string
		Requests []bookinfoRequest
	}
}

type bookinfoRequest struct {
	From, To, Method, Ends, Reason, Copy, Waits, Leg string
	With                                             map[string]string
	Certificate                                      bool
	At                                               map[string]int
}

// bookinfoLayouts are the two ways in which ingress gateways are installed, by the folders of their files.
var bookinfoLayouts = []string{"layouts/istioctl", "layouts/chart"}

func readBookinfo(t *testing.T) bookinfoWalk {
	t.Helper()
	data, err := os.ReadFile("walk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var walk bookinfoWalk
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&walk); err != nil {
		t.Fatal(err)
	}
	return walk
}

// bookinfoAt is what a cluster holds that had what is beside, after the files were applied.
func bookinfoAt(t *testing.T, files []string, beside string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Load(append([]string{"-"}, files...), strings.NewReader(beside))
	if err != nil {
		t.Fatal(err)
	}
	return b.Latest()
}

// istioTargets are those that the example is for.
func istioTargets() []mesh.Target {
	return slices.DeleteFunc(slices.Clone(mesh.Targets), func(target mesh.Target) bool { return target.Line != "istio" })
}

// TestBookinfo follows the walk of the example on every Istio, for both layouts: after each step nothing is wrong, and every
// request goes where walk.yaml says.
func TestBookinfo(t *testing.T) {
	t.Chdir("../../examples/bookinfo")
	walk := readBookinfo(t)
	followed := 0
	for _, layout := range bookinfoLayouts {
		var files []string
		for _, step := range walk.Steps {
			for _, file := range step.Apply {
				files = append(files, strings.Replace(file, "LAYOUT", layout, 1))
			}
			alone, all := bookinfoAt(t, files, ""), bookinfoAt(t, files, walk.Beside)
			for _, target := range istioTargets() {
				title := layout + ", " + step.Name + ", " + target.Name
				for _, f := range bookinfoFindings(t, alone, target) {
					t.Errorf("%s: %s %s %s: %s", title, f.Severity, f.Rule, f.Object, f.Message)
				}
				x, err := traffic.NewIndex(all, traffic.Options{Target: target, Assume: true})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range step.Requests {
					followed++
					if wrong := r.follow(x); wrong != "" {
						t.Errorf("%s: %s to %s %v: %s", title, r.From, r.To, r.With, wrong)
					}
				}
			}
		}
	}
	if followed < 900 {
		t.Errorf("%d requests followed", followed)
	}
}

// bookinfoFindings are what is wrong in a bundle: the errors and warnings.
func bookinfoFindings(t *testing.T, b *bundle.Bundle, target mesh.Target) []validate.Finding {
	t.Helper()
	found, err := validate.Run(b, validate.Options{Target: target, Rules: rules.All})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found.Findings, func(f validate.Finding) bool { return f.Severity == validate.Info })
}

// TestBookinfoInjection: by label and by revision, the application gets its sidecars, and nothing is wrong. Where it is to be
// done by hand and was not, each workload that a policy is for is told of, with how to do it. (That it is right once it is done,
// Istio's own kube-inject shows in conformance/istiod.)
func TestBookinfoInjection(t *testing.T) {
	t.Chdir("../../examples/bookinfo")
	files := []string{"01-mesh.yaml", "02-application.yaml", "03-subsets.yaml", "traffic/all-v1.yaml"}
	for _, target := range istioTargets() {
		for _, namespace := range []string{"01-mesh.yaml", "injection/revision.yaml"} {
			b := bookinfoAt(t, append(slices.Clone(files), namespace), "")
			for _, f := range bookinfoFindings(t, b, target) {
				t.Errorf("%s, %s: %s %s", target.Name, namespace, f.Rule, f.Message)
			}
			request := bookinfoRequest{From: "productpage-v1", To: "http://reviews:9080", At: map[string]int{"reviews-v1": 100}}
			x, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
			if err != nil {
				t.Fatal(err)
			}
			if wrong := request.follow(x); wrong != "" {
				t.Errorf("%s, %s: %s", target.Name, namespace, wrong)
			}
		}
		forgotten := bookinfoFindings(t, bookinfoAt(t, append(slices.Clone(files), "injection/manual.yaml", "05-authorization.yaml"), ""), target)
		for _, f := range forgotten {
			if f.Rule != "MSH921" || !strings.Contains(f.Fix, "istioctl kube-inject") {
				t.Errorf("%s, by hand and forgotten: %s %s", target.Name, f.Rule, f.Fix)
			}
		}
		if len(forgotten) != 6 {
			t.Errorf("%s, by hand and forgotten: %d workloads are told of", target.Name, len(forgotten))
		}
	}
}

// TestBookinfoWrongPort: a Gateway that opens the port of the pods that istioctl's layout has is not reached in the chart's
// layout, whose Service does not lead there, and is in istioctl's.
func TestBookinfoWrongPort(t *testing.T) {
	t.Chdir("../../examples/bookinfo")
	for layout, want := range map[string]string{"layouts/istioctl": "", "layouts/chart": "MSH412 error"} {
		text, err := os.ReadFile(layout + "/http.yaml")
		if err != nil {
			t.Fatal(err)
		}
		wrong := strings.Replace(string(text), "number: 80,", "number: 8080,", 1)
		if wrong == string(text) {
			t.Fatalf("%s has no port to change", layout)
		}
		b := bookinfoAt(t, []string{"01-mesh.yaml", "02-application.yaml", "04-routes.yaml", layout + "/gateway.yaml"}, wrong)
		var got []string
		for _, f := range bookinfoFindings(t, b, istioTargets()[0]) {
			got = append(got, fmt.Sprint(f.Rule, " ", f.Severity))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", layout, got, want)
		}
	}
}

// follow follows the request, and says what of it is not as the walk says.
func (r bookinfoRequest) follow(x *traffic.Index) string {
	from := r.From
	if from != traffic.Outside && !strings.Contains(from, "/") {
		from = "bookinfo/" + from
	}
	request := traffic.Request{From: from, To: r.To, Method: r.Method, Headers: r.With}
	if r.Certificate {
		request.Credential = "a client certificate"
	}
	path, err := x.Walk(request)
	if err != nil {
		return err.Error()
	}
	reached := map[string]int{}
	for _, way := range path.Ways() {
		if want := cmp.Or(traffic.Code(r.Ends), traffic.Arrives); way.Outcome.Code != want {
			return fmt.Sprintf("%s %s; want %s", way.Outcome.Code, way.Outcome.Reason, want)
		}
		if !regexp.MustCompile(r.Reason).MatchString(way.Outcome.Reason) {
			return fmt.Sprintf("%s; want %s", way.Outcome.Reason, r.Reason)
		}
		if way.Outcome.Code != traffic.Arrives {
			continue
		}
		var leg traffic.Hop // the last between two workloads
		copies, waits := "", ""
		for _, h := range way.Hops {
			if strings.HasPrefix(h.Cluster, "outbound|") {
				leg = h
			}
			for _, m := range h.Mirrors { // outbound|9080|v3|reviews.bookinfo.svc.cluster.local
				parts := strings.Split(m, "|")
				service, _, _ := strings.Cut(parts[3], ".")
				copies += parts[2] + "." + service
			}
			waits += h.Delay
		}
		last := way.Hops[len(way.Hops)-1]
		_, at, inside := strings.Cut(last.Workload, "/")
		if !inside || last.Proxy != traffic.Workload && last.Workload == from {
			at = last.Destination.Host
		}
		reached[at] = way.Share
		if got, want := leg.Wire.Mode, cmp.Or(r.Leg, traffic.IstioMutual); got != want {
			return fmt.Sprintf("%s on the last leg; want %s", got, want)
		}
		if copies != r.Copy || waits != r.Waits {
			return fmt.Sprintf("copies %q, waits %q; want %q, %q", copies, waits, r.Copy, r.Waits)
		}
	}
	if !maps.Equal(reached, r.At) && len(reached)+len(r.At) > 0 {
		return fmt.Sprintf("reaches %v; want %v", reached, r.At)
	}
	return ""
}
