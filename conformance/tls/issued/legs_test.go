package issued

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A leg is one TLS between two sides that the bundle configures.
type leg struct {
	name   string
	client handshake.Client
	server handshake.Server
	// clientNames are those of which the client must have one: nginx does not look at them.
	clientNames []string
}

// An entry is where the bundle takes in TLS from outside.
type entry struct {
	crossing
	server handshake.Server
}

// legs are the TLS of the cell's routes that need certificates of the store; of the others, which the mesh has its own for, it
// gives the number. What leaves the mesh meets the side of the bundle that takes its name in from outside, and where the bundle
// has no such side, the service outside that it is about.
func (c *cell) legs(t testing.TB) (legs []leg, mesh int) {
	t.Helper()
	var leaving []crossing
	var entries []entry
	for _, p := range c.routes {
		if p.Outcome.Code != "arrives" {
			t.Fatalf("%s: %s to %s: %s: %s", c.title, p.Request.From, p.Request.To, p.Outcome.Code, p.Outcome.Reason)
		}
		for _, x := range p.crossings() {
			switch {
			case x.end != nil && x.end.Credential == "mesh":
				mesh++
			case x.end != nil:
				entries = append(entries, entry{x, c.gateway(t, x.end)})
			case x.last.Proxy == "workload":
				entries = append(entries, entry{x, c.application(t, x)})
			default:
				leaving = append(leaving, x)
			}
		}
	}
	add := func(x crossing, server handshake.Server, end *termination) {
		l := leg{client: c.client(t, x.sender), server: server}
		l.name = fmt.Sprintf("%s: %s %s", c.title, x.sender.Proxy, cmp.Or(x.sender.Workload, x.from))
		if end != nil {
			l.clientNames = end.ClientNames
		}
		// Two requests may have one TLS.
		if !slices.ContainsFunc(legs, func(other leg) bool { return reflect.DeepEqual(l, other) }) {
			legs = append(legs, l)
		}
	}
	met := map[int]bool{}
	for _, x := range leaving {
		i := slices.IndexFunc(entries, func(e entry) bool { return slices.Contains(e.server.Names, x.sender.Wire.SNI) })
		if i < 0 {
			add(x, c.outside(t, x.sender), nil)
			continue
		}
		met[i] = true
		add(x, entries[i].server, entries[i].end)
	}
	for i, e := range entries {
		// A side that the bundle's own client calls is for that client: nobody else has a certificate.
		if !met[i] || e.server.ClientCA == nil {
			add(e.crossing, e.server, e.end)
		}
	}
	return legs, mesh
}
