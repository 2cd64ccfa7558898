package istiod

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// bookinfo is the folder of the example, whose walk.yaml says what its fields mean.
const bookinfo = "../../examples/bookinfo/"

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

func readBookinfo(t *testing.T) bookinfoWalk {
	t.Helper()
	data, err := os.ReadFile(bookinfo + "walk.yaml")
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

// TestBookinfo follows the walk of the example through istiod's configuration, in both layouts of gateways: Istio has nothing
// against what is applied, every request goes where the walk says, and the model says the same of it.
func TestBookinfo(t *testing.T) {
	walk := readBookinfo(t)
	for _, layout := range []string{"istioctl", "chart"} {
		gateways := map[string]string{"istioctl": "istio-system", "chart": "istio-ingress"}[layout]
		world, err := judge.Parse("beside", []byte(walk.Beside+pki.secrets([]string{gateways + "/bookinfo-credential for bookinfo.example.com"})))
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range walk.Steps {
			for _, file := range step.Apply {
				more, err := judge.Load(bookinfo + strings.Replace(file, "LAYOUT", "layouts/"+layout, 1))
				if err != nil {
					t.Fatal(err)
				}
				world = world.And(more)
			}
			t.Run(layout+" "+step.Name, func(t *testing.T) {
				for _, complaint := range complaints(world) {
					t.Error(complaint)
				}
				for _, wrong := range followBookinfo(world, step.Requests) {
					t.Error(wrong)
				}
			})
		}
	}
}

// followBookinfo follows requests in a world, and lists what is not as they say or as the model has it.
func followBookinfo(world *judge.Bundle, requests []bookinfoRequest) (wrong []string) {
	var judged []judge.Path
	err := judge.In(world, judge.Options{}, func(w *judge.World) error {
		for _, r := range requests {
			path, err := w.Walk(r.request())
			if err != nil {
				return err
			}
			judged = append(judged, path)
			if fault := r.differs(path); fault != "" {
				var text strings.Builder
				_ = path.WriteText(&text)
				wrong = append(wrong, fmt.Sprintf("%s to %s %v: %s\n%s", r.From, r.To, r.With, fault, text.String()))
			}
		}
		return nil
	})
	if err != nil {
		return append(wrong, err.Error())
	}
	differences, skipped, err := walker.Against(world, "", judged)
	writtenTally.Add(model.Result{Requests: len(judged), Skipped: skipped, Differences: differences}, err)
	if err != nil {
		return append(wrong, err.Error())
	}
	if skipped > 0 {
		wrong = append(wrong, fmt.Sprintf("the judge cannot tell of %d requests", skipped))
	}
	return append(wrong, differences...)
}

func (r bookinfoRequest) request() judge.Request {
	asked := judge.Request{From: r.From, To: r.To, Method: r.Method, Headers: r.With}
	if r.From != judge.Outside && !strings.Contains(r.From, "/") {
		asked.From = "bookinfo/" + r.From
	}
	if r.Certificate {
		asked.Credential = "a client certificate"
	}
	return asked
}

// differs says what of a path is not as the walk says.
func (r bookinfoRequest) differs(path judge.Path) string {
	reached := map[string]int{}
	for _, way := range append([]judge.Path{path}, path.Else...) {
		if want := cmp.Or(judge.Code(r.Ends), judge.Arrives); way.Outcome.Code != want {
			return fmt.Sprintf("%s %s; want %s", way.Outcome.Code, way.Outcome.Reason, want)
		}
		if !regexp.MustCompile(r.Reason).MatchString(way.Outcome.Reason) {
			return fmt.Sprintf("%s; want %s", way.Outcome.Reason, r.Reason)
		}
		if way.Outcome.Code != judge.Arrives {
			continue
		}
		var leg judge.Hop // the last between two proxies, or out of the mesh
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
		at := leg.Destination.Host
		if last := way.Hops[len(way.Hops)-1]; last.Proxy == "workload" {
			at = filepath.Base(last.Workload)
		}
		reached[at] = way.Share
		if got, want := leg.Wire.Mode, cmp.Or(r.Leg, judge.IstioMutual); got != want {
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
