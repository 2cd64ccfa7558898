package certs

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// start is when the tests are: not now, so that a clock that is read in passing is found.
var start = time.Date(2031, 3, 4, 5, 6, 7, 0, time.UTC)

// at is a clock that stands still.
func at(t time.Time) Options { return Options{Now: func() time.Time { return t }} }

func newStore(t testing.TB, i Init) *Store {
	t.Helper()
	s, err := Create(filepath.Join(t.TempDir(), "pki"), i, at(start))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var server = Request{Name: "shop.ext", Purpose: Server, CommonName: "ext.example", DNS: []string{"ext.example", "*.ext.example"}, IPs: []string{"192.0.2.1"}}

func issue(t testing.TB, s *Store, requests ...Request) []Outcome {
	t.Helper()
	o, err := s.Issue(t.Context(), Wanted{Certificates: requests})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestIssue(t *testing.T) {
	s := newStore(t, Init{})
	client := Request{Name: "shop.client", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders"}}
	issue(t, s, server, client)
	roots := x509.NewCertPool()
	trust, err := s.Trust()
	if err != nil || !roots.AppendCertsFromPEM(trust) {
		t.Fatal("no CA to trust", err)
	}
	for _, r := range []Request{server, client} {
		certificate, key, err := s.Pair(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		usage := x509.ExtKeyUsageServerAuth
		if r.Purpose == Client {
			usage = x509.ExtKeyUsageClientAuth
		}
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: start, KeyUsages: []x509.ExtKeyUsage{usage}}); err != nil {
			t.Error(err)
		}
		if len(pair.Leaf.ExtKeyUsage) != 1 || pair.Leaf.KeyUsage != x509.KeyUsageDigitalSignature {
			t.Errorf("%s may be used for %v, %v", r.Name, pair.Leaf.KeyUsage, pair.Leaf.ExtKeyUsage)
		}
		if end := pair.Leaf.NotAfter; !end.Equal(start.Add(DefaultValidity)) {
			t.Errorf("%s ends at %s", r.Name, end)
		}
		if bits := pair.Leaf.SerialNumber.BitLen(); bits != 128 {
			t.Errorf("a serial number of %d bits", bits)
		}
		for _, name := range []string{"tls.crt", "tls.key"} {
			link, err := os.ReadFile(filepath.Join(s.Dir(), "certs", r.Name, name))
			if want := map[string]string{"tls.crt": string(certificate), "tls.key": string(key)}[name]; err != nil || string(link) != want {
				t.Errorf("certs/%s/%s is another: %v", r.Name, name, err)
			}
		}
	}
}
