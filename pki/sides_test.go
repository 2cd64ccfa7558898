package pki

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestSides: what keeps a chain from being shown by a server or a client, against openssl x509 -purpose.
func TestSides(t *testing.T) {
	root := world.root
	usage := func(u ...x509.ExtKeyUsage) pkitest.Edit { return func(t *pkitest.Template) { t.ExtKeyUsage = u } }
	plain := func(u x509.KeyUsage) pkitest.Edit { return func(t *pkitest.Template) { t.KeyUsage = u } }
	name := []string{"a.example"}
	for _, c := range []struct {
		name           string
		leaf           *pkitest.Pair
		server, client string
	}{
		{"both", root.Leaf(name), "", ""},
		{"server", root.Leaf(name, usage(x509.ExtKeyUsageServerAuth)), "", "MSH510 no-client-auth tls.crt#1!"},
		{"client", root.Leaf(name, usage(x509.ExtKeyUsageClientAuth)), "MSH510 no-server-auth tls.crt#1!", ""},
		{"none", root.Leaf(name, usage()), "", ""},
		{"any", root.Leaf(name, usage(x509.ExtKeyUsageAny)), "MSH510 no-server-auth tls.crt#1!", "MSH510 no-client-auth tls.crt#1!"},
		{"code", root.Leaf(name, usage(x509.ExtKeyUsageCodeSigning)), "MSH510 no-server-auth tls.crt#1!", "MSH510 no-client-auth tls.crt#1!"},
		{"encipher only", root.Leaf(name, plain(x509.KeyUsageKeyEncipherment)), "", "MSH510 no-client-auth tls.crt#1!"},
		{"no plain usage", root.Leaf(name, plain(0)), "", ""},
		{"CRL signing only", root.Leaf(name, plain(x509.KeyUsageCRLSign)), "MSH510 no-server-auth tls.crt#1!", "MSH510 no-client-auth tls.crt#1!"},
		{"CN only", root.Leaf(nil, func(t *pkitest.Template) { t.Subject.CommonName = "a.example" }), "MSH509 no-san tls.crt#1!", ""},
		{"CA", root.Leaf(name, func(t *pkitest.Template) { t.IsCA = true }), "MSH514 leaf-is-ca tls.crt#1", "MSH514 leaf-is-ca tls.crt#1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := FromSecret(c.leaf.Secret(nil), "")
			if got := said(m.Server()); got != c.server {
				t.Errorf("server: got %q, want %q", got, c.server)
			}
			if got := said(m.Client()); got != c.client {
				t.Errorf("client: got %q, want %q", got, c.client)
			}
			file := filepath.Join(t.TempDir(), "leaf.pem")
			if err := os.WriteFile(file, c.leaf.PEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			out, _ := openssl(t, "x509", "-in", file, "-noout", "-purpose")
			for side, faults := range map[string][]Fault{"\nSSL server : ": m.Server(), "\nSSL client : ": m.Client()} {
				refused := slices.ContainsFunc(faults, func(f Fault) bool { return f.Rule == "MSH510" })
				if strings.Contains(out, side+"No") != refused {
					t.Errorf("%srefused %v, but openssl says\n%s", side, refused, out)
				}
			}
		})
	}
}

// TestDates: at several times, against openssl x509 -checkend for the leaf.
func TestDates(t *testing.T) {
	root := world.root
	short := root.CA("short", func(t *pkitest.Template) { t.NotAfter = time.Now().AddDate(0, 0, 40) })
	old := pkitest.Root("old", func(t *pkitest.Template) { t.NotAfter = time.Now().AddDate(0, 0, 5) })
	leaf := short.Leaf([]string{"a.example"}, func(t *pkitest.Template) { t.NotAfter = time.Now().AddDate(0, 0, 35) })
	data := leaf.Secret(root, short)
	data["ca.crt"] = root.PEM(old)
	data["ca.crl"] = root.CRL(time.Now().AddDate(0, 0, 50))
	m, faults := FromSecret(data, "")
	if len(faults) > 0 {
		t.Fatal(said(faults))
	}
	for _, c := range []struct {
		in, days int
		want     string
	}{
		{0, 0, "MSH507 expiring ca.crt#2"},
		{-30, 0, "MSH507 not-yet-valid ca.crt#1!, MSH507 not-yet-valid ca.crt#2!, MSH507 not-yet-valid tls.crt#1!, MSH507 not-yet-valid tls.crt#2!"},
		{0, 36, "MSH507 expiring ca.crt#2, MSH507 expiring tls.crt#1"},
		{10, 20, "MSH507 expired ca.crt#2"},
		{10, 31, "MSH507 expired ca.crt#2, MSH507 expiring tls.crt#1, MSH507 expiring tls.crt#2"},
		{36, 0, "MSH507 expired ca.crt#2, MSH507 expired tls.crt#1!"},
		{60, 0, "MSH518 crl-expired ca.crl!, MSH507 expired ca.crt#2, MSH507 expired tls.crt#1!, MSH507 expired tls.crt#2!"},
		{11 * 365, 0, "MSH518 crl-expired ca.crl!, MSH507 expired ca.crt#1!, MSH507 expired ca.crt#2!, MSH507 expired tls.crt#1!, MSH507 expired tls.crt#2!"},
	} {
		if c.in == 0 && c.days == 0 {
			c.want = "" // nothing is said in advance unless asked
		}
		got := m.Dates(time.Now().AddDate(0, 0, c.in), c.days)
		if said(got) != c.want {
			t.Errorf("in %d days, %d ahead:\ngot  %s\nwant %s", c.in, c.days, said(got), c.want)
		}
		file := filepath.Join(t.TempDir(), "leaf.pem")
		if err := os.WriteFile(file, leaf.PEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		if c.in >= 0 {
			_, err := openssl(t, "x509", "-in", file, "-noout", "-checkend", fmt.Sprint(c.in*24*3600))
			if (err != nil) != strings.Contains(said(got), "expired tls.crt#1") {
				t.Errorf("in %d days openssl says %v", c.in, err)
			}
		}
	}
	if !m.NotAfter().Equal(leaf.NotAfter) {
		t.Errorf("the chain is good until %s, not %s", leaf.NotAfter, m.NotAfter())
	}
}

// TestNames: as Envoy compares them.
func TestNames(t *testing.T) {
	n := Names{
		DNS: []string{"a.example", "*.ext.example", "w*.part.example", "xn--*.ace.example", "*", "a*a.glob.example"}, IP: []string{"10.0.0.1"},
		URI: []string{"spiffe://east.local/ns/shop/sa/orders"}, Email: []string{"x@a.example"},
	}
	for entry, want := range map[string]bool{
		"a.example": true, "A.Example": true, "b.example": false, "x.ext.example": true, "y.x.ext.example": false,
		"ext.example": false, "*.ext.example": true, "*.example": false, "w.part.example": true, "www.part.example": true,
		"x.part.example": false, "xn--x.ace.example": false, "10.0.0.1": true, "10.0.0.2": false, "localhost": false,
		"spiffe://east.local/ns/shop/sa/orders": true, "spiffe://EAST.local/ns/shop/sa/orders": false,
		"spiffe://east.local/ns/shop/sa/*": false, "x@a.example": true, "a.glob.example": false, "aa.glob.example": true, "aba.glob.example": true, ".ext.example": true, "": false,
	} {
		if got := n.Answer(entry); got != want {
			t.Errorf("%q: got %v (%s)", entry, got, n.Why(entry))
		}
	}
	for host, want := range map[string]bool{
		"a.example": true, "*.ext.example": true, "x.ext.example": true, "shop/x.ext.example": true, "./a.example": true,
		"*.a.example": false, "*.x.ext.example": false, "*": true,
	} {
		if got := n.Cover(host); got != want {
			t.Errorf("host %q: got %v", host, got)
		}
	}
	for entry, want := range map[string]string{
		"c.b.ext.example": "one label only", "ext.example": "does not cover ext.example itself", "*.other.example": "compared as it is",
		"z.example": "has only a.example",
	} {
		if got := n.Why(entry); !strings.Contains(got, want) {
			t.Errorf("why %q: %s", entry, got)
		}
	}
	if got := n.SPIFFE(); len(got) != 1 || got[0] != (SPIFFE{"east.local", "shop", "orders"}) {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"spiffe://x", "spiffe:///ns/a/sa/b", "https://x/ns/a/sa/b", "spiffe://x/ns//sa/b", "spiffe://x/ns/a/sa/b/c"} {
		if _, ok := ParseSPIFFE(bad); ok {
			t.Errorf("%q is taken for a workload's name", bad)
		}
	}
}
