package issued

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// shown is the store's certificate that a side shows: each is in one Secret.
func (c *cell) shown(t *testing.T, side handshake.Side) entryOfStore {
	t.Helper()
	for _, e := range c.index(t).Certificates {
		if e.Purpose == string(side) && len(e.Secrets) == 1 {
			return e
		}
	}
	t.Fatalf("no Secret carries a certificate of the %s", side)
	return entryOfStore{}
}

// asIssued is what a certificate of the store says, to be said again with a mistake.
func (c *cell) asIssued(t *testing.T, e entryOfStore) handshake.Leaf {
	t.Helper()
	old := leaf(c.issued(t, e.Name))
	l := handshake.Leaf{CommonName: old.Subject.CommonName, DNS: old.DNSNames, Usages: old.ExtKeyUsage}
	for _, uri := range old.URIs {
		l.URIs = append(l.URIs, uri.String())
	}
	return l
}

// put writes a certificate and its key over those of the store, as who tampers with it would.
func (c *cell) put(t *testing.T, e entryOfStore, made handshake.Certificate) {
	t.Helper()
	for name, data := range map[string][]byte{"tls.crt": made.CertPEM, "tls.key": made.KeyPEM} {
		if err := os.WriteFile(filepath.Join(c.pki, "versions", e.Folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// authority is the store's own, with its key.
func (c *cell) authority(t *testing.T) *handshake.Authority {
	t.Helper()
	at := filepath.Join(c.pki, "versions", c.index(t).Authorities[0].Folder)
	return must(handshake.ReadAuthority(must(os.ReadFile(filepath.Join(at, "ca.crt"))), must(os.ReadFile(filepath.Join(at, "ca.key")))))
}

// expired: the same certificate by the same CA, but of an hour that is over.
func expired(t *testing.T, c *cell, e entryOfStore) {
	l := c.asIssued(t, e)
	l.NotBefore, l.NotAfter = time.Now().Add(-30*time.Minute), time.Now().Add(-time.Minute)
	c.put(t, e, must(c.authority(t).Issue(l)))
}

// strange: the same certificate by a CA of the same name.
func strange(t *testing.T, c *cell, e entryOfStore) {
	own := leaf(&handshake.Certificate{CertPEM: c.trust(t)})
	c.put(t, e, must(must(handshake.NewAuthority(own.Subject.CommonName)).Issue(c.asIssued(t, e))))
}

// swapped: the key is that of another certificate.
func swapped(t *testing.T, c *cell, e entryOfStore) {
	certificate := c.issued(t, e.Name)
	certificate.KeyPEM = must(c.authority(t).Issue(handshake.Leaf{})).KeyPEM
	c.put(t, e, *certificate)
}

// The following mistakes are made by the command itself: the Secret carries what it should not.

func misnamed(t *testing.T, c *cell, e entryOfStore) {
	tested.does(t, "certs", "issue", "mistaken", "--server", "--dns", "other.example", "--secret", e.Secrets[0].ref(), "--pki", c.pki)
}

func otherSide(t *testing.T, c *cell, e entryOfStore) {
	side, old := "--server", leaf(c.issued(t, e.Name))
	if e.Purpose == "server" {
		side = "--client"
	}
	args := []string{"certs", "issue", "mistaken", side, "--secret", e.Secrets[0].ref(), "--pki", c.pki}
	for _, name := range old.DNSNames {
		args = append(args, "--dns", name)
	}
	for _, uri := range old.URIs {
		args = append(args, "--uri", uri.String())
	}
	tested.does(t, args...)
}

func none(t *testing.T, c *cell, e entryOfStore) {
	tested.does(t, "certs", "issue", "--trust", e.Secrets[0].ref(), "--pki", c.pki)
	c.mistaken = true
}
