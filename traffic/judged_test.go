package traffic

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// A judged case is a random bundle and what istiod's own code makes of requests in it. conformance/istiod recorded them
// (TestRecord there, which says how), so that the model can be held against istiod without it.
type judged struct {
	Seed    int64             `json:"seed"`
	Mesh    string            `json:"mesh"`
	Objects []json.RawMessage `json:"objects"`
	Paths   []Path            `json:"paths"`
}

// TestJudged follows the recorded requests and compares everything that istiod decides.
func TestJudged(t *testing.T) {
	f, err := os.Open("testdata/judged.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	target, _ := mesh.Lookup("istio-1.31")
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	requests := 0
	for lines.Scan() {
		var c judged
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		b, err := bundle.Read("case.json", bytes.NewReader(bytes.Join(raw(c.Objects), []byte("\n"))))
		if err != nil {
			t.Fatalf("seed %d: %v", c.Seed, err)
		}
		x, err := NewIndex(b, Options{Target: target, MeshConfig: c.Mesh})
		if err != nil {
			t.Fatalf("seed %d: %v", c.Seed, err)
		}
		for _, want := range c.Paths {
			requests++
			got, err := x.Walk(want.Request)
			if err != nil {
				t.Errorf("seed %d: %v", c.Seed, err)
				continue
			}
			w, _ := json.MarshalIndent(normal(want), "", " ")
			g, _ := json.MarshalIndent(normal(got), "", " ")
			if !bytes.Equal(w, g) {
				t.Errorf("seed %d: %s to %s:\ngot  %s %s\nwant %s", c.Seed, want.Request.From, want.Request.To, g, got.Outcome.Reason, w)
			}
		}
	}
	if err := lines.Err(); err != nil || requests < 4000 {
		t.Errorf("%d requests, %v", requests, err)
	}
}

func raw(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, r := range list {
		out[i] = r
	}
	return out
}

// normal leaves of a path what istiod decides and the record has; conformance/istiod/model has the same for the judge's.
func normal(p Path) Path {
	out := Path{Outcome: Outcome{Code: p.Outcome.Code}, Share: p.Share}
	for _, h := range p.Hops {
		n := Hop{Proxy: h.Proxy, Workload: h.Workload, Cluster: h.Cluster, Destination: h.Destination, Wire: h.Wire, Verify: h.Verify, Mirrors: h.Mirrors}
		if _, err := netip.ParseAddr(h.Destination.Address); err == nil {
			n.Destination.Address = ""
		}
		n.Wire.ALPN = nil
		if strings.HasPrefix(h.Cluster, "inbound|") {
			n.Cluster, n.Destination = "", Destination{}
		}
		n.Verify.Server.Names = inOrder(h.Verify.Server.Names)
		if t := h.Terminates; t != nil {
			n.Terminates = &Termination{Credential: t.Credential, Required: t.Required, ClientNames: inOrder(t.ClientNames)}
		}
		out.Hops = append(out.Hops, n)
	}
	return out
}

func inOrder(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
