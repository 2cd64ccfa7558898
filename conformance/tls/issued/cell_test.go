package issued

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A cell is a scenario that is rendered, with a store of the certificates that it needs.
type cell struct {
	title string
	args  []string // of render, certs issue and certs secret
	pki   string
	// manifests is the file of what is rendered, and secrets that of the Secrets.
	manifests, secrets string
	bundle             bundle
	routes             []route
	// partner signs the certificate of the service outside, where the store's CA does not.
	partner *handshake.Authority
	// mistaken says that a Secret carries less than the scenario needs. Then certs secret must not be asked for the scenario's,
	// which it refuses, but for all that there are.
	mistaken bool
	// late is a file of Secrets as they were a stage ago; "" before the first.
	late string
}

// newCell renders the scenario, with all parts unless others are asked for. Nothing is issued.
func newCell(t testing.TB, args ...string) *cell {
	t.Helper()
	dir := t.TempDir()
	c := &cell{
		title: strings.Join(args, " "), args: args, pki: filepath.Join(dir, "pki"),
		manifests: filepath.Join(dir, "manifests.json"), secrets: filepath.Join(dir, "secrets.json"),
	}
	if !slices.Contains(args, "--include") {
		c.args = append(args[:len(args):len(args)], "--include", "all")
	}
	rendered := tested.does(t, c.with("render", "-o", "json")...)
	if err := os.WriteFile(c.manifests, rendered, 0o600); err != nil {
		t.Fatal(err)
	}
	c.bundle.items = items(t, rendered)
	c.routes = ask[[]route](t, tested, append([]string{"trace", c.manifests, "--all", "-o", "json"}, c.target()...)...)
	return c
}

// with are the arguments of a command about the cell's scenario.
func (c *cell) with(command string, more ...string) []string {
	return slices.Concat(strings.Fields(command), c.args, more)
}

// target is the flag that the commands take which read bundles.
func (c *cell) target() []string {
	at := slices.Index(c.args, "--target")
	return c.args[at : at+2]
}

// issue does what README tells: certs init, unless there is a store, and certs issue.
func (c *cell) issue(t testing.TB, more ...string) {
	t.Helper()
	if _, err := os.Stat(c.pki); err != nil {
		tested.does(t, "certs", "init", "--pki", c.pki)
	}
	tested.does(t, c.with("certs issue", append(more, "--pki", c.pki)...)...)
}

// apply puts the Secrets that certs secret writes beside the manifests, in the place of those that are there.
func (c *cell) apply(t testing.TB) {
	t.Helper()
	args := c.with("certs secret")
	if c.mistaken {
		args = args[:2]
	}
	list := tested.does(t, append(args, "-o", "json", "--pki", c.pki)...)
	if err := os.WriteFile(c.secrets, list, 0o600); err != nil {
		t.Fatal(err)
	}
	c.bundle.items = slices.DeleteFunc(c.bundle.items, func(o object) bool { return o.Kind == "Secret" })
	c.bundle.items = append(c.bundle.items, items(t, list)...)
}

// trust is the bundle of CAs that the store keeps for whoever has to verify what it issued.
func (c *cell) trust(t testing.TB) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join(c.pki, "ca.crt")))
}

// issued is a certificate as it lies in the store.
func (c *cell) issued(t testing.TB, name string) *handshake.Certificate {
	t.Helper()
	at := filepath.Join(c.pki, "certs", name)
	return &handshake.Certificate{CertPEM: must(os.ReadFile(filepath.Join(at, "tls.crt"))), KeyPEM: must(os.ReadFile(filepath.Join(at, "tls.key")))}
}

// An index is what the store says that it holds.
type index struct {
	Certificates []entryOfStore
	Authorities  []struct{ Folder string }
}

type entryOfStore struct {
	Name, Purpose, Folder string
	Secrets               []secretRef
}

type secretRef struct{ Namespace, Name string }

func (r secretRef) ref() string { return r.Namespace + "/" + r.Name }

func (c *cell) index(t testing.TB) index {
	t.Helper()
	var x index
	if err := json.Unmarshal(must(os.ReadFile(filepath.Join(c.pki, "index.json"))), &x); err != nil {
		t.Fatal(err)
	}
	return x
}

// caller is the certificate of somebody outside, which certs issue makes for trying what is exposed: the one of a client that
// no Secret carries.
func (c *cell) caller(t testing.TB) *handshake.Certificate {
	t.Helper()
	for _, e := range c.index(t).Certificates {
		if e.Purpose == "client" && len(e.Secrets) == 0 {
			return c.issued(t, e.Name)
		}
	}
	t.Fatalf("%s: certs issue made no certificate for a caller", c.title)
	return nil
}
