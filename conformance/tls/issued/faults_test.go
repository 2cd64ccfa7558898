package issued

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A fault is a mistake with the certificates of one side, which who is meant to look must refuse, and which certs verify must
// have told of before.
type fault struct {
	name  string
	side  handshake.Side // whose certificate it is about
	spoil func(t *testing.T, c *cell, e entryOfStore)
	by    handshake.Side
	// saying is part of why: the client's own words, or nginx's answer or log.
	saying string
	rules  []string // of which certs verify must name one: where the fault lies decides which
}

// unloadable are the faults with which the side that has the certificate does not come up at all.
const unloadable = "key values mismatch"

var faults = []fault{
	{"expired", handshake.TheServer, expired, handshake.TheClient, "expired", []string{"MSH507"}},
	{"expired", handshake.TheClient, expired, handshake.TheServer, "certificate has expired", []string{"MSH507"}},
	{"for another name", handshake.TheServer, misnamed, handshake.TheClient, "the certificate is for other.example", []string{"MSH227", "MSH509"}},
	{"by another CA", handshake.TheServer, strange, handshake.TheClient, "unknown authority", []string{"MSH226"}},
	{"by another CA", handshake.TheClient, strange, handshake.TheServer, "unable to", []string{"MSH225"}},
	{"none at all", handshake.TheClient, none, handshake.TheServer, "No required SSL certificate was sent", []string{"MSH504", "MSH511"}},
	{"a client's, shown by a server", handshake.TheServer, otherSide, handshake.TheClient, "incompatible key usage", []string{"MSH510"}},
	{"a server's, shown by a client", handshake.TheClient, otherSide, handshake.TheServer, "unsuitable certificate purpose", []string{"MSH510"}},
	{"with the key of another", handshake.TheServer, swapped, handshake.TheServer, unloadable, []string{"MSH506"}},
	{"with the key of another", handshake.TheClient, swapped, handshake.TheClient, unloadable, []string{"MSH506"}},
}

// TestFaults: each fault fails in the TLS that the bundle configures, on the side that looks, and certs verify had said so; and
// where it says nothing, the TLS stands.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"1b", "--encryption", "mutual", "--target", tested.newest[0]},
		{"1a", "--encryption", "mutual", "--target", tested.newest[len(tested.newest)-1], "--credentials", "mount"},
	} {
		sound := newCell(t, args...)
		sound.issue(t)
		sound.apply(t)
		t.Run(sound.title, func(t *testing.T) {
			if found := sound.verify(t); len(found) > 0 {
				t.Errorf("certs verify finds %v where nothing is wrong", found)
			}
			sound.fails(t, fault{}, sound)
			for _, f := range faults {
				t.Run(fmt.Sprintf("the %s's, %s", f.side, f.name), func(t *testing.T) {
					c := sound.copy(t)
					f.spoil(t, c, c.shown(t, f.side))
					found := c.verify(t)
					// One mistake is one finding.
					if len(found) != 1 || !slices.Contains(f.rules, found[0]) {
						t.Errorf("certs verify finds %v, and was to find one of %v", found, f.rules)
					}
					c.apply(t)
					c.fails(t, f, sound)
					if !t.Failed() {
						tally.count(&tally.faults)
					}
				})
			}
		})
	}
}

// copy is the cell with a store of its own that holds the same.
func (c *cell) copy(t *testing.T) *cell {
	t.Helper()
	dir := t.TempDir()
	other := *c
	other.pki, other.secrets = filepath.Join(dir, "pki"), filepath.Join(dir, "secrets.json")
	other.bundle.items = slices.Clone(c.bundle.items)
	if err := os.CopyFS(other.pki, os.DirFS(c.pki)); err != nil {
		t.Fatal(err)
	}
	// CopyFS makes all files readable for all.
	keys := must(filepath.Glob(filepath.Join(other.pki, "versions", "*", "*.key")))
	for _, key := range keys {
		if err := os.Chmod(key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &other
}

// verify is certs verify, of the store and the manifests together.
func (c *cell) verify(t *testing.T) []string {
	t.Helper()
	return c.findings(t, append([]string{c.manifests}, c.target()...)...)
}

// connect is certs verify of a server that runs, which is shown the client's certificate.
func (c *cell) connect(t *testing.T, address, name string) []string {
	t.Helper()
	return c.findings(t, "--connect", address, "--servername", name, "--certificate", c.shown(t, handshake.TheClient).Name)
}

// findings are the rules of what certs verify finds, for which it exits with 1.
func (c *cell) findings(t *testing.T, args ...string) []string {
	t.Helper()
	r := tested.run(t, append([]string{"certs", "verify", "--pki", c.pki, "-o", "json"}, args...)...)
	var answer struct{ Findings []struct{ Rule string } }
	if err := json.Unmarshal(r.out, &answer); err != nil {
		t.Fatalf("certs verify: exit status %d: %v\n%s", r.status, err, r.errors)
	}
	var rules []string
	for _, f := range answer.Findings {
		rules = append(rules, f.Rule)
	}
	if want := min(len(rules), 1); r.status != want {
		t.Errorf("certs verify %s: exit status %d with %d findings", strings.Join(args, " "), r.status, len(rules))
	}
	return rules
}

// fails does the cell's one TLS, which must fail as the fault says; the zero fault is none. Of a server that shows a bad
// certificate, who has a sound store is told as well.
func (c *cell) fails(t *testing.T, f fault, sound *cell) {
	t.Helper()
	legs, _ := c.legs(t)
	if len(legs) != 1 {
		t.Fatalf("not one TLS, but %d", len(legs))
	}
	x := trial{what: f.name, client: legs[0].client, server: legs[0].server, by: f.by, saying: f.saying}
	nginx, err := handshake.Start(t.Context(), t.TempDir(), handshake.Port{Servers: []handshake.Server{x.server}})
	if f.saying == unloadable && f.side == handshake.TheServer {
		if err == nil || !strings.Contains(err.Error(), unloadable) {
			t.Errorf("nginx was to refuse to start: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer nginx.Close()
	if f.saying == unloadable {
		_, err := nginx.Try(t.Context(), "", x.client, handshake.Request{Host: x.client.SNI})
		if err == nil || !strings.Contains(err.Error(), "private key does not match public key") {
			t.Errorf("the client was to refuse its own certificate: %v", err)
		}
		return
	}
	for _, version := range versions {
		if why := attempt(t, nginx, "", x, version); why != "" {
			t.Error(why)
		}
	}
	secondOpinions(t, opinions, nginx.Address(""), x)
	if f.side != handshake.TheClient {
		found := sound.connect(t, nginx.Address(""), x.client.SNI)
		if len(found) != min(len(f.rules), 1) || len(found) == 1 && !slices.Contains(f.rules, found[0]) {
			t.Errorf("certs verify --connect finds %v, and was to find one of %v", found, f.rules)
		}
		tally.count(&tally.live)
	}
}
