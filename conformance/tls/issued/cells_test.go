package issued

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// matrix are the cells with TLS, each once for each way in which a Secret can reach a proxy: as the scenario has it by itself,
// and mounted.
func matrix(t *testing.T) [][]string {
	t.Helper()
	newest := map[string]bool{}
	for _, target := range tested.newest {
		newest[target] = true
	}
	var all [][]string
	for _, c := range ask[[]struct {
		Scenario, Encryption, Target string
		Supported                    bool
	}](t, tested, "list", "-o", "json") {
		if !c.Supported || c.Encryption == "none" || !newest[c.Target] || joins(c.Scenario) {
			continue
		}
		args := []string{c.Scenario, "--encryption", c.Encryption, "--target", c.Target}
		all = append(all, args)
		mounted := append(args[:len(args):len(args)], "--credentials", "mount")
		switch r := tested.run(t, append([]string{"render", "--no-validate"}, mounted...)...); {
		case r.status == 0:
			all = append(all, mounted)
		case r.status != 2:
			t.Errorf("render %s: exit status %d: %s", strings.Join(mounted, " "), r.status, r.errors)
		}
	}
	return all
}

// collected are the legs of cells that were made at the same time.
type collected struct {
	sync.Mutex
	legs []leg
}

// add takes the TLS of a cell, of whose certificates certs verify says nothing.
func (c *collected) add(t *testing.T, cell *cell) {
	t.Helper()
	if found := cell.verify(t); len(found) > 0 {
		t.Errorf("certs verify finds %v where nothing is wrong", found)
	}
	legs, mesh := cell.legs(t)
	if len(legs) == 0 {
		t.Fatalf("%s: no TLS that needs a certificate", cell.title)
	}
	c.Lock()
	defer c.Unlock()
	c.legs = append(c.legs, legs...)
	tally.Lock()
	defer tally.Unlock()
	tally.cells, tally.mesh = tally.cells+1, tally.mesh+mesh
}

// TestCells: what certs issue makes for a scenario, and certs secret lays into Secrets, stands in every TLS of its paths.
func TestCells(t *testing.T) {
	t.Parallel()
	var all collected
	t.Run("issue", func(t *testing.T) {
		for _, args := range matrix(t) {
			t.Run(strings.Join(args, " "), func(t *testing.T) {
				t.Parallel()
				c := newCell(t, args...)
				c.issue(t)
				c.apply(t)
				c.inlineIsTheSame(t)
				all.add(t, c)
			})
		}
	})
	all.try(t)
}

// inlineIsTheSame: render --secrets inline has the Secrets that certs secret writes.
func (c *cell) inlineIsTheSame(t *testing.T) {
	t.Helper()
	inline := bundle{items(t, tested.does(t, c.with("render", "--secrets", "inline", "--pki", c.pki, "-o", "json")...))}
	count := func(b bundle) (n int) {
		for _, o := range b.items {
			if o.Kind == "Secret" {
				n++
				other := inline.object("Secret", o.Metadata.Namespace, o.Metadata.Name)
				if other == nil || !maps.Equal(o.Data, other.Data) {
					t.Errorf("render --secrets inline has another Secret %s/%s", o.Metadata.Namespace, o.Metadata.Name)
				}
			}
		}
		return n
	}
	if own, other := count(c.bundle), count(inline); own == 0 || own != other {
		t.Errorf("render --secrets inline has %d Secrets, certs secret %d", other, own)
	}
}

// try does every trial of the legs, against one nginx.
func (c *collected) try(t *testing.T) {
	if t.Failed() {
		return
	}
	s := newStrangers()
	var ports []handshake.Port
	trials := make([][]trial, len(c.legs))
	for i, l := range c.legs {
		trials[i] = l.trials(s)
		for j, x := range trials[i] {
			ports = append(ports, handshake.Port{Name: fmt.Sprint(i, " ", j), Servers: []handshake.Server{x.server}})
		}
	}
	nginx, err := handshake.Start(t.Context(), t.TempDir(), ports...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nginx.Close)
	for i, l := range c.legs {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			if why := l.admitted(); why != "" {
				t.Error(why)
			}
			for j, x := range trials[i] {
				port := fmt.Sprint(i, " ", j)
				for _, version := range versions {
					if why := attempt(t, nginx, port, x, version); why != "" {
						t.Error(why)
					}
				}
				// What is refused is asked of one of them, by turns: it is the TLS as it is meant that many clients must agree on.
				asked := opinions
				if j > 0 {
					asked = opinions[(i+j)%2:][:1]
				}
				secondOpinions(t, asked, nginx.Address(port), x)
			}
		})
	}
	tally.Lock()
	defer tally.Unlock()
	tally.legs += len(c.legs)
}
