package issued

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// TestBorder: two meshes whose CAs certs made believe each other's proxies in every TLS of a request that goes from one to the
// other, and no longer where an owner has made a mistake.
func TestBorder(t *testing.T) {
	t.Parallel()
	for _, args := range joinedMatrix(t) {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			j := newJoined(t, args...)
			if found := j.found(t); len(found) > 0 {
				t.Errorf("validate finds %v where nothing is wrong", found)
			}
			legs, arrive := j.legs(t)
			if !arrive {
				t.Error("trace says that not all requests arrive")
			}
			var trials []trial
			strangers := newStrangers()
			for _, l := range legs {
				if l.crosses() {
					tally.count(&tally.border)
				}
				if why := l.admitted(); why != "" {
					t.Errorf("%s: %s", l.name, why)
				}
				for _, x := range l.trials(strangers) {
					x.what = l.name + ", " + x.what
					trials = append(trials, x)
				}
				trials = append(trials, j.impostors(t, l)...)
			}
			tryAll(t, append(trials, j.mistakes(t)...))
			tally.count(&tally.pairs)
		})
	}
}

// joinedMatrix are the scenarios that join two meshes, on the newest target of each product line that has them.
func joinedMatrix(t *testing.T) (all [][]string) {
	t.Helper()
	for _, target := range tested.newest {
		for _, c := range ask[[]struct {
			Scenario, Target string
			Supported        bool
		}](t, tested, "list", "--target", target, "-o", "json") {
			if c.Supported && c.Target == target && joins(c.Scenario) {
				args := []string{c.Scenario, "--target", target}
				all = append(all, args)
				// A federation has two trust domains by itself; others may, under one root.
				own := append(args[:3:3], "--set", "meshes[0].trustDomain=east.example", "--set", "meshes[1].trustDomain=west.example")
				look := func(args []string) ran {
					return tested.run(t, append([]string{"render", "--mesh", "west", "--include", "all"}, args...)...)
				}
				if !bytes.Contains(look(args).out, []byte("ServiceMeshPeer")) && look(own).status == 0 {
					all = append(all, own)
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("no scenario joins two meshes")
	}
	return all
}

// tryAll does the trials against one nginx, each on a port of its own. The gateways and sidecars of a mesh go by SNI alone.
func tryAll(t *testing.T, trials []trial) {
	t.Helper()
	if t.Failed() {
		return
	}
	var ports []handshake.Port
	for i, x := range trials {
		ports = append(ports, handshake.Port{Name: fmt.Sprint(i), SNIOnly: true, Servers: []handshake.Server{x.server}})
	}
	nginx, err := handshake.Start(t.Context(), t.TempDir(), ports...)
	if err != nil {
		t.Fatal(err)
	}
	defer nginx.Close()
	for i, x := range trials {
		for _, version := range versions {
			if why := attempt(t, nginx, fmt.Sprint(i), x, version); why != "" {
				t.Error(why)
			}
			tally.count(&tally.borderTried)
		}
	}
}
