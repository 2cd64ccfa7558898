package certs

import (
	"crypto/elliptic"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

var orders = Request{Name: "orders", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders"}}

// kept is a store of a CA whose key is at hand, with a server's and a client's certificate.
func kept(t testing.TB) (*Store, *pkitest.Pair) {
	t.Helper()
	ca := pkitest.Root("kept CA", year(2030))
	s := newStore(t, Init{Chain: ca.PEM(), PrivateKey: ca.KeyPEM()})
	issue(t, s, withSecret(server, "mesh/shop"), withSecret(orders, "shop/orders=split"))
	return s, ca
}

// likeServer and likeOrders are leaves as the store issues them.
func likeServer(ca *pkitest.Pair, edits ...pkitest.Edit) *pkitest.Pair {
	return ca.Leaf([]string{"ext.example", "*.ext.example"}, append([]pkitest.Edit{valid, func(t *pkitest.Template) {
		t.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)}
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}}, edits...)...)
}

func likeOrders(ca *pkitest.Pair, edits ...pkitest.Edit) *pkitest.Pair {
	return ca.Leaf(nil, append([]pkitest.Edit{valid, func(t *pkitest.Template) {
		u, _ := url.Parse(orders.URIs[0])
		t.URIs = []*url.URL{u}
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}}, edits...)...)
}

func valid(t *pkitest.Template) {
	t.NotBefore, t.NotAfter = start.Add(-time.Hour), start.Add(DefaultValidity)
}

func write(t testing.TB, s *Store, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir(), name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// put lays a pair in the place of one of the store's.
func put(t testing.TB, s *Store, name string, p *pkitest.Pair) {
	t.Helper()
	write(t, s, "certs/"+name+"/tls.crt", p.PEM())
	write(t, s, "certs/"+name+"/tls.key", p.KeyPEM())
}

// TestVerify spoils a store in every way there is, and wants each to be told: once, by its rule, at its file.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*testing.T, *Store, *pkitest.Pair)
		want  string
	}{
		{"sound", func(*testing.T, *Store, *pkitest.Pair) {}, ""},
		{"expired", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(ca, func(t *pkitest.Template) { t.NotAfter = start.Add(-time.Minute) }))
		}, "certs/shop.ext/tls.crt MSH507 expired"},
		{"not yet valid", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(ca, func(t *pkitest.Template) { t.NotBefore = start.Add(time.Minute) }))
		}, "certs/shop.ext/tls.crt MSH507 not-yet-valid"},
		{"wrong name", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(ca, func(t *pkitest.Template) { t.DNSNames = []string{"other.example"} }))
		}, "certs/shop.ext/tls.crt MSH227 wrong-name"},
		{"no name", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(ca, func(t *pkitest.Template) { t.DNSNames, t.IPAddresses = nil, nil }))
		}, "certs/shop.ext/tls.crt MSH509 no-san"},
		{"one name more", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(ca, func(t *pkitest.Template) { t.DNSNames = append(t.DNSNames, "other.example") }))
		}, "certs/shop.ext/tls.crt store-index "},
		{"server of another CA", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(pkitest.Root("stranger", year(2030))))
		}, "certs/shop.ext/tls.crt MSH226 unknown-ca"},
		{"client of another CA", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "orders", likeOrders(pkitest.Root("stranger", year(2030))))
		}, "certs/orders/tls.crt MSH225 unknown-ca"},
		{"another CA of the same name", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "orders", likeOrders(pkitest.Root("kept CA", year(2030))))
		}, "certs/orders/tls.crt MSH225 unknown-ca"},
		{"server's certificate as client", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "orders", likeOrders(ca, func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
		}, "certs/orders/tls.crt MSH510 no-client-auth"},
		{"client's certificate as server", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "shop.ext", likeServer(ca, func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))
		}, "certs/shop.ext/tls.crt MSH510 no-server-auth"},
		{"swapped key", func(t *testing.T, s *Store, _ *pkitest.Pair) {
			key, err := os.ReadFile(filepath.Join(s.Dir(), "certs/shop.ext/tls.key"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, s, "certs/orders/tls.key", key)
		}, "certs/orders/tls.key MSH506 key-mismatch"},
		{"key of half its length", func(t *testing.T, s *Store, _ *pkitest.Pair) {
			write(t, s, "certs/orders/tls.key", []byte("-----BEGIN PRIVATE KEY-----\nMIGH\n"))
		}, "certs/orders/tls.key MSH519 damaged"},
		{"no key", func(t *testing.T, s *Store, _ *pkitest.Pair) { without(t, s, "certs/orders/tls.key") }, "certs/orders/tls.key store-file "},
		{"no client certificate", func(t *testing.T, s *Store, _ *pkitest.Pair) { without(t, s, "certs/orders/tls.crt") }, "certs/orders/tls.crt store-file "},
		{"the same once more", func(t *testing.T, s *Store, ca *pkitest.Pair) { put(t, s, "orders", likeOrders(ca)) }, "certs/orders/tls.crt store-index "},
		{"readable key", func(t *testing.T, s *Store, _ *pkitest.Pair) { chmod(t, s, "certs/orders/tls.key") }, "certs/orders/tls.key store-key-readable "},
		{"readable key of the CA", func(t *testing.T, s *Store, _ *pkitest.Pair) { chmod(t, s, "versions/ca.SERIAL/ca.key") }, "versions/ca.SERIAL/ca.key store-key-readable "},
		{"another key of the CA", func(t *testing.T, s *Store, _ *pkitest.Pair) {
			write(t, s, caFile(s, "versions/ca.SERIAL/ca.key"), pkitest.Root("x").KeyPEM())
		}, "versions/ca.SERIAL/ca.key MSH506 key-mismatch"},
		{"no CA", func(t *testing.T, s *Store, _ *pkitest.Pair) { without(t, s, "versions/ca.SERIAL/ca.crt") },
			"certs/orders/tls.crt MSH225 unknown-ca, certs/shop.ext/tls.crt MSH226 unknown-ca, versions/ca.SERIAL/ca.crt store-file "},
		{"weak key", func(t *testing.T, s *Store, ca *pkitest.Pair) {
			put(t, s, "orders", likeOrders(ca, func(t *pkitest.Template) { t.Key = pkitest.EC(elliptic.P224()) }))
		}, "certs/orders/tls.crt MSH515 weak-key"},
		{"other CAs to take", func(t *testing.T, s *Store, _ *pkitest.Pair) { write(t, s, "ca.crt", pkitest.Root("x").PEM()) }, "ca.crt store-file "},
		{"a link astray", func(t *testing.T, s *Store, _ *pkitest.Pair) {
			name := filepath.Join(s.Dir(), "certs/orders")
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("shop.ext", name); err != nil {
				t.Fatal(err)
			}
		}, "certs/orders store-file "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, ca := kept(t)
			c.spoil(t, s, ca)
			if got := verify(t, s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// verify is what is found, a file, rule and kind each.
func verify(t testing.TB, s *Store) string {
	t.Helper()
	found, _, err := s.Verify()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range found {
		name, _ := filepath.Rel(s.Dir(), f.File)
		name = strings.ReplaceAll(name, s.x.Signing, "SERIAL")
		all = append(all, fmt.Sprintf("%s %s %s", name, f.Rule, f.Kind))
		if !f.Breaks || f.Message == "" || f.Consequence == "" || f.Mend == "" && f.Fix == "" {
			t.Errorf("%+v", f)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func caFile(s *Store, name string) string { return strings.ReplaceAll(name, "SERIAL", s.x.Signing) }

func without(t testing.TB, s *Store, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(s.Dir(), caFile(s, name))); err != nil {
		t.Fatal(err)
	}
}

func chmod(t testing.TB, s *Store, name string) {
	t.Helper()
	if err := os.Chmod(filepath.Join(s.Dir(), caFile(s, name)), 0o640); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyLater looks at a store in which nothing was touched, when its CA and all it issued have expired.
func TestVerifyLater(t *testing.T) {
	s := newStore(t, Init{Validity: 10 * day})
	issue(t, s, withSecret(server, "mesh/shop"))
	if got := verify(t, openedAfter(t, s, 11*day)); got != "certs/shop.ext/tls.crt MSH507 expired, versions/ca.SERIAL/ca.crt MSH507 expired" {
		t.Error(got)
	}
}

// TestVerifyStages finds nothing at any stage of a rotation.
func TestVerifyStages(t *testing.T) {
	s, _ := kept(t)
	r := Rotation{Subject: Subject{CommonName: "next"}}
	for range Stages {
		if _, err := s.Rotate(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := verify(t, s); got != "" {
			t.Errorf("at %s: %s", s.Stage(), got)
		}
	}
}

// TestVerifyBehind looks at a store that another process has changed since it was opened.
func TestVerifyBehind(t *testing.T) {
	s, _ := kept(t)
	if _, err := openedAfter(t, s, 0).Renew(t.Context(), nil, 0, true); err != nil {
		t.Fatal(err)
	}
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
}

func TestVerifyPeer(t *testing.T) {
	s := newStore(t, Init{})
	partner := pkitest.Root("partner", year(2019))
	client := orders
	client.Secrets = []SecretRef{{Namespace: "shop", Name: "orders", Shape: PairCA, Peer: "partner"}}
	if _, err := s.Issue(t.Context(), Wanted{Certificates: []Request{client}, Peers: map[string][]byte{"partner": partner.PEM()}}); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Verify()
	if err != nil || len(found) != 1 || found[0].Rule != "MSH507" || found[0].Mend != Peer || found[0].Name != "partner" {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestVerifySecretName is about a Secret that istiod takes for a CA because of its name.
func TestVerifySecretName(t *testing.T) {
	s := newStore(t, Init{})
	issue(t, s, withSecret(server, "mesh/shop-cacert"))
	found, _, err := s.Verify()
	if err != nil || len(found) != 1 || found[0].Rule != "MSH512" || found[0].Object.String() != "Secret mesh/shop-cacert" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestVerifySealed(t *testing.T) {
	identity, recipient := identities(t)
	s, err := Create(filepath.Join(t.TempDir(), "pki"), Init{Recipients: []string{recipient}}, Options{Now: at(start).Now, Identity: identity})
	if err != nil {
		t.Fatal(err)
	}
	issue(t, s, withSecret(server, "mesh/shop"))
	blind := openedAfter(t, s, 0)
	if found, sealed, err := blind.Verify(); len(found) > 0 || !sealed || err != nil {
		t.Errorf("%+v, %v, %v", found, sealed, err)
	}
	if found, sealed, err := s.Verify(); len(found) > 0 || sealed || err != nil {
		t.Errorf("%+v, %v, %v", found, sealed, err)
	}
	write(t, s, "certs/shop.ext/tls.key", pkitest.Root("x").KeyPEM())
	found, _, err := blind.Verify()
	if err != nil || !slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == KeyUnencrypted && f.Name == "shop.ext" }) {
		t.Errorf("%+v, %v", found, err)
	}
}
