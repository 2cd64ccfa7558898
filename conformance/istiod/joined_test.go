package istiod

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// A joinedCell is an entry of joined.yaml, which says what its fields mean.
type joinedCell struct {
	Cell     string
	Render   string
	Caller   string
	Address  string
	Registry bool
	Beside   string
	There    string
	Only     string
	Requests []expectation
}

func readJoined() ([]joinedCell, error) {
	data, err := os.ReadFile("joined.yaml")
	if err != nil {
		return nil, err
	}
	var file struct {
		Parts yaml.Node
		Cells []joinedCell
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("joined.yaml: %w", err)
	}
	for _, c := range file.Cells {
		for i := range c.Requests {
			if err := c.Requests[i].complete(); err != nil {
				return nil, fmt.Errorf("joined.yaml: %s: %w", c.Render, err)
			}
		}
	}
	return file.Cells, nil
}

// TestJoined follows the requests of every joined cell out of one mesh and into the other: istiod's code runs once for each
// mesh, and knows nothing of the other but what its own bundle says, or, where it has a remote secret, what it would read.
func TestJoined(t *testing.T) {
	for _, c := range joinedCells {
		for _, target := range tested.judged() {
			for _, form := range []string{"alone", "laboratory"} {
				if c.Only != "" && c.Only != form {
					continue
				}
				t.Run(strings.ReplaceAll(c.Render+" on "+target.Name+" "+form, "/", "-"), func(t *testing.T) {
					began := time.Now()
					defer func() { joinedTally.add(c.Cell != "", len(c.Requests), !t.Failed(), time.Since(began)) }()
					for _, fault := range c.faults(t, target, form) {
						t.Error(fault)
					}
				})
			}
		}
	}
}

// side is the bundle of one mesh: all that can be rendered of it, or its own objects with the pods at both ends, in a mesh
// that was there before.
func (c joinedCell) side(t *testing.T, target target, mesh, form string) *judge.Bundle {
	t.Helper()
	if form == "laboratory" {
		return tested.render(t, c.Render, target.Name, "--mesh", mesh, "--include", "all")
	}
	return judge.Stock().And(tested.render(t, c.Render, target.Name, "--mesh", mesh, "--include", "federation,members,workload,service,traffic"))
}

func (c joinedCell) faults(t *testing.T, target target, form string) []string {
	t.Helper()
	east, caller := c.side(t, target, "east", form), c.side(t, target, c.Caller, form)
	host, text, err := net.SplitHostPort(c.Address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	if c.Registry {
		caller = asRead(t, east, host).And(caller)
	}
	for _, more := range []struct {
		to   **judge.Bundle
		text string
	}{{&caller, c.Beside}, {&east, c.There}} {
		b, err := judge.Parse("beside", []byte(more.text))
		if err != nil {
			t.Fatal(err)
		}
		*more.to = (*more.to).And(b)
	}
	faults := append(complaints(east), complaints(caller)...)
	err = judge.In(east, judge.Options{}, func(there *judge.World) error {
		return judge.In(caller, judge.Options{}, func(here *judge.World) error {
			if err := here.Join(host, port, there, "istio-system/istio-eastwestgateway"); err != nil {
				return err
			}
			for _, want := range c.Requests {
				path, err := here.Walk(judge.Request{From: want.From, To: want.To, Host: want.Host, Server: want.Server})
				if err != nil {
					return err
				}
				if differences := want.differences(path, target); len(differences) > 0 {
					var text strings.Builder
					_ = path.WriteText(&text)
					faults = append(faults, fmt.Sprintf("%s to %s:\n\t%s\nistiod's configuration does this:\n%s", want.From, want.To, strings.Join(differences, "\n\t"), text.String()))
				}
			}
			return nil
		})
	})
	if err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// asRead is what istiod of another cluster reads of a cluster by its remote secret, as if it were in its own: its Services
// and pods, which say by a label in which network they are, and the gateway there, whose balancer has an address.
func asRead(t *testing.T, b *judge.Bundle, address string) *judge.Bundle {
	t.Helper()
	const label = "topology.istio.io/network"
	network := ""
	for _, o := range b.Objects {
		var n struct {
			Metadata struct{ Labels map[string]string }
		}
		if o.Kind == "Namespace" && o.Name == "istio-system" && json.Unmarshal(o.JSON, &n) == nil {
			network = n.Metadata.Labels[label]
		}
	}
	if network == "" {
		t.Fatal("the namespace of the control plane says no network")
	}
	read := &judge.Bundle{}
	for _, o := range b.Objects {
		var tree map[string]any
		if err := json.Unmarshal(o.JSON, &tree); err != nil {
			t.Fatal(err)
		}
		switch gateway := o.Name == "istio-eastwestgateway"; {
		case o.Kind == "Deployment" && !gateway && o.Namespace == "greetings-service":
			labels := tree["spec"].(map[string]any)["template"].(map[string]any)["metadata"].(map[string]any)["labels"].(map[string]any)
			labels[label] = network
		case o.Kind == "Service" && gateway:
			tree["status"] = map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"ip": address}}}}
		case o.Kind == "Service" && o.Namespace == "greetings-service":
		default:
			continue
		}
		var err error
		if o.JSON, err = json.Marshal(tree); err != nil {
			t.Fatal(err)
		}
		read.Objects = append(read.Objects, o)
	}
	return read
}
