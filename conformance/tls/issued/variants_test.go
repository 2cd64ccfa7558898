package issued

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A variant is a cell whose certificates are made in another way than by itself.
type variant struct {
	name  string
	args  []string
	issue func(t *testing.T, c *cell)
}

func variants(t *testing.T) []variant {
	target := []string{"--target", tested.newest[0]}
	of := func(args ...string) []string { return append(args, target...) }
	all := []variant{
		{"an existing CA below a root", of("1b", "--encryption", "mutual"), underRoot},
		{"a service outside with another's CA", of("1b", "--encryption", "mutual", "--include", "traffic,workload"), ofAnother},
		{"a service outside with another's CA, for a sidecar", of("1a", "--encryption", "mutual", "--credentials", "mount", "--include", "traffic,workload"), ofAnother},
		{"a Secret for the pair and one for the CA", of("1a", "--encryption", "mutual"), split},
		{"callers by name", of("expose", "--encryption", "mutual", "--set", "expose.clientNames=orders.shop.example"), func(t *testing.T, c *cell) { c.issue(t) }},
	}
	for _, args := range [][]string{
		of("-f", "../../../examples/definitions/several-hosts.yaml", "--include", "traffic"),
		of("-f", "../../../examples/definitions/failover.yaml", "--include", "traffic"),
		of("1a", "--encryption", "passthrough", "--host", "*.partner.example", "--name", "partner", "--include", "traffic,workload"),
		of("1b", "--encryption", "mutual", "--set", "service.protocol=grpc", "--include", "traffic"),
		of("1b", "--encryption", "mutual", "--set", "service.sni=front.partner.example", "--set", "service.subjectAltNames=spiffe://partner.example/greeting", "--include", "traffic"),
		of("1a", "--encryption", "mutual", "--set", "service.subjectAltNames=192.0.2.7"),
		of("redirect", "--encryption", "simple", "--set", "redirect.percent=10"),
	} {
		all = append(all, variant{"as defined", args, func(t *testing.T, c *cell) { c.issue(t) }})
	}
	for _, keys := range [][2]string{{"rsa-2048", "rsa-2048"}, {"rsa-3072", "ecdsa-256"}, {"ecdsa-384", "ecdsa-256"}, {"ecdsa-256", "rsa-3072"}} {
		name := fmt.Sprintf("a CA with a key of kind %s, and leaves of %s", keys[0], keys[1])
		all = append(all, variant{name, of("1b", "--encryption", "mutual"), func(t *testing.T, c *cell) {
			tested.does(t, "certs", "init", "--pki", c.pki, "--key", keys[0])
			c.issue(t, "--key", keys[1])
		}})
	}
	return all
}

// TestVariants: the same, where the CA, the keys or the Secrets are not those that come by themselves.
func TestVariants(t *testing.T) {
	t.Parallel()
	var all collected
	t.Run("issue", func(t *testing.T) {
		for _, v := range variants(t) {
			t.Run(v.name+" "+strings.Join(v.args, " "), func(t *testing.T) {
				t.Parallel()
				c := newCell(t, v.args...)
				c.title += ", " + v.name
				v.issue(t, c)
				c.apply(t)
				all.add(t, c)
			})
		}
	})
	all.try(t)
}

// underRoot makes a store of a CA that exists and is no root: what it issues has to bring the CA along.
func underRoot(t *testing.T, c *cell) {
	root := must(handshake.NewAuthority("root"))
	issuing := must(root.Subordinate("issuing"))
	dir := t.TempDir()
	chain, key := filepath.Join(dir, "chain.pem"), filepath.Join(dir, "ca.key")
	for at, data := range map[string][]byte{chain: slices.Concat(issuing.PEM(), root.PEM()), key: must(issuing.KeyPEM())} {
		if err := os.WriteFile(at, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tested.does(t, "certs", "init", "--pki", c.pki, "--ca-cert", chain, "--ca-key", key)
	c.issue(t)
}

// ofAnother makes the service outside a partner's, who has a CA of its own and admits whom the store's CA has signed.
func ofAnother(t *testing.T, c *cell) {
	partner := must(handshake.NewAuthority("partner"))
	ca := filepath.Join(t.TempDir(), "partner.pem")
	if err := os.WriteFile(ca, partner.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	c.issue(t, "--peer-ca", ca)
	c.partner = partner
}

// split carries the client's certificate in two Secrets. The definition does not say that, so the certificate is one's own.
func split(t *testing.T, c *cell) {
	c.issue(t)
	for _, e := range c.index(t).Certificates {
		if e.Purpose != "client" || len(e.Secrets) == 0 {
			continue
		}
		ref := e.Secrets[0].ref()
		tested.does(t, "certs", "issue", "apart", "--client", "--dns", "client.example", "--secret", ref+"=split", "--pki", c.pki)
		return
	}
	t.Fatal("no client's certificate is in a Secret")
}
