package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// A trial is one question, with what OpenSSL and crypto/tls say of it where they are no measure for Envoy.
type trial struct {
	name    string
	purpose Purpose
	chain   []*pkitest.Pair
	ca      []*pkitest.Pair
	crls    [][]byte
	names   []string
	known   []*pkitest.Pair
	days    int // from now
	want    string
	// goAccepts and opensslRefuses are the ways in which they differ from us.
	goAccepts, opensslRefuses bool
}

func pairsOf(pairs ...*pkitest.Pair) []*pkitest.Pair { return pairs }

func trials() []trial {
	w := world
	root, middle, leaf := w.root, w.middle, w.leaf
	usages := func(u ...x509.ExtKeyUsage) pkitest.Edit {
		return func(t *pkitest.Template) { t.ExtKeyUsage = u }
	}
	serverOnly := root.Leaf([]string{"api.ext.example"}, usages(x509.ExtKeyUsageServerAuth))
	clientOnly := root.Leaf([]string{"client.ext.example"}, usages(x509.ExtKeyUsageClientAuth))
	anyUsage := root.Leaf([]string{"api.ext.example"}, usages(x509.ExtKeyUsageAny))
	noUsage := root.Leaf([]string{"api.ext.example"}, usages())
	clientsCA := root.CA("clients only", usages(x509.ExtKeyUsageClientAuth))
	ofClientsCA := clientsCA.Leaf([]string{"api.ext.example"})
	noSAN := root.Leaf(nil, func(t *pkitest.Template) { t.Subject.CommonName = "api.ext.example" })
	shortCA := root.CA("short", func(t *pkitest.Template) { t.NotAfter = time.Now().AddDate(0, 0, 10) })
	ofShort := shortCA.Leaf([]string{"api.ext.example"})
	late := root.Leaf([]string{"api.ext.example"}, func(t *pkitest.Template) { t.NotBefore = time.Now().AddDate(0, 0, 20) })
	impostor := pkitest.Root("root")
	zero := root.CA("zero", func(t *pkitest.Template) { t.MaxPathLenZero = true })
	below := zero.CA("below")
	narrow := root.CA("narrow", func(t *pkitest.Template) {
		t.PermittedDNSDomains, t.PermittedDNSDomainsCritical = []string{"inside.example"}, true
	})
	notCA := root.Leaf([]string{"x.example"}, func(t *pkitest.Template) { t.KeyUsage |= x509.KeyUsageCertSign })
	rsaCA := pkitest.Root("rsa", func(t *pkitest.Template) { t.Key = pkitest.RSA(2048) })
	sha1 := rsaCA.Leaf([]string{"api.ext.example"}, func(t *pkitest.Template) { t.SignatureAlgorithm = x509.SHA1WithRSA })
	agree := root.Leaf([]string{"client.ext.example"}, func(t *pkitest.Template) { t.KeyUsage = x509.KeyUsageKeyEncipherment })
	self := pkitest.Root("self", func(t *pkitest.Template) { t.DNSNames, t.KeyUsage = []string{"api.ext.example"}, 0 })
	low := middle.CA("low")
	ofLow := low.Leaf([]string{"api.ext.example"})
	soon := time.Now().Add(90 * 24 * time.Hour)
	good := []string{"api.ext.example"}
	return []trial{
		{name: "good", purpose: Server, chain: pairsOf(leaf, middle), ca: pairsOf(root), names: good},
		{name: "good client", purpose: Client, chain: pairsOf(w.client), ca: pairsOf(root)},
		{name: "root sent too", purpose: Server, chain: pairsOf(leaf, middle, root), ca: pairsOf(root), names: good},
		{name: "wrong order", purpose: Server, chain: pairsOf(below.Leaf(good), zero, below), ca: pairsOf(root), names: good, want: "MSH508 path-length"},
		{name: "order does not matter", purpose: Server, chain: pairsOf(ofLow, middle, low), ca: pairsOf(root), names: good},
		{name: "anchor in the middle", purpose: Server, chain: pairsOf(leaf), ca: pairsOf(middle), names: good},
		{name: "leaf trusted as it is", purpose: Server, chain: pairsOf(leaf), ca: pairsOf(leaf), names: good},
		{name: "one of two CAs", purpose: Server, chain: pairsOf(w.stranger), ca: pairsOf(root, w.other), names: good},
		{name: "wildcard", purpose: Server, chain: pairsOf(leaf, middle), ca: pairsOf(root), names: []string{"b.ext.example"}},
		{name: "wildcard, two labels", purpose: Server, chain: pairsOf(leaf, middle), ca: pairsOf(root), names: []string{"c.b.ext.example"}, want: "MSH227 wrong-name"},
		{name: "wrong name", purpose: Server, chain: pairsOf(w.direct), ca: pairsOf(root), names: good, want: "MSH227 wrong-name"},
		{name: "no SAN", purpose: Server, chain: pairsOf(noSAN), ca: pairsOf(root), names: good, want: "MSH509 no-san"},
		{name: "wrong CA", purpose: Server, chain: pairsOf(leaf, middle), ca: pairsOf(w.other), names: good, want: "MSH226 unknown-ca"},
		{name: "wrong CA for a client", purpose: Client, chain: pairsOf(w.client), ca: pairsOf(w.other), want: "MSH225 unknown-ca"},
		{name: "another CA of the same name", purpose: Server, chain: pairsOf(w.direct), ca: pairsOf(impostor), want: "MSH226 unknown-ca"},
		{name: "self-signed", purpose: Server, chain: pairsOf(self), ca: pairsOf(root), names: good, want: "MSH226 unknown-ca"},
		{name: "no CA", purpose: Server, chain: pairsOf(leaf, middle), names: good, want: "MSH226 unknown-ca"},
		{name: "no chain", purpose: Client, ca: pairsOf(root), want: "MSH225 no-certificate"},
		{name: "intermediate not sent", purpose: Server, chain: pairsOf(leaf), ca: pairsOf(root), names: good, want: "MSH226 unknown-ca"},
		{name: "intermediate known", purpose: Server, chain: pairsOf(leaf), ca: pairsOf(root), names: good, known: pairsOf(w.other, middle), want: "MSH508 missing-intermediate"},
		{name: "expired", purpose: Server, chain: pairsOf(leaf, middle), ca: pairsOf(root), names: good, days: 100, want: "MSH507 expired"},
		{name: "CA expired", purpose: Server, chain: pairsOf(ofShort, shortCA), ca: pairsOf(root), names: good, days: 20, want: "MSH507 expired"},
		{name: "root expired", purpose: Server, chain: pairsOf(ofShort), ca: pairsOf(shortCA), names: good, days: 20, want: "MSH507 expired"},
		{name: "not yet valid", purpose: Server, chain: pairsOf(late), ca: pairsOf(root), names: good, want: "MSH507 not-yet-valid"},
		{name: "server's shown by a client", purpose: Client, chain: pairsOf(serverOnly), ca: pairsOf(root), want: "MSH510 no-client-auth"},
		{name: "client's shown by a server", purpose: Server, chain: pairsOf(clientOnly), ca: pairsOf(root), want: "MSH510 no-server-auth"},
		{name: "any usage", purpose: Server, chain: pairsOf(anyUsage), ca: pairsOf(root), names: good, want: "MSH510 no-server-auth", goAccepts: true},
		{name: "no usage", purpose: Server, chain: pairsOf(noUsage), ca: pairsOf(root), names: good},
		{name: "usage of the CA", purpose: Server, chain: pairsOf(ofClientsCA, clientsCA), ca: pairsOf(root), names: good, want: "MSH510 no-server-auth"},
		{name: "key usage", purpose: Client, chain: pairsOf(agree), ca: pairsOf(root), want: "MSH510 no-client-auth", goAccepts: true},
		{name: "path length", purpose: Server, chain: pairsOf(below.Leaf(good), below, zero), ca: pairsOf(root), names: good, want: "MSH508 path-length"},
		{name: "name constraint", purpose: Server, chain: pairsOf(narrow.Leaf(good), narrow), ca: pairsOf(root), names: good, want: "MSH508 name-constraint"},
		{name: "issued by a leaf", purpose: Server, chain: pairsOf(notCA.Leaf(good), notCA), ca: pairsOf(root), names: good, want: "MSH514 not-ca"},
		{name: "SHA-1", purpose: Server, chain: pairsOf(sha1), ca: pairsOf(rsaCA), names: good, want: "MSH515 weak-signature"},
		{name: "lists", purpose: Client, chain: pairsOf(w.client), ca: pairsOf(root), crls: [][]byte{root.CRL(soon)}},
		{name: "revoked", purpose: Client, chain: pairsOf(w.client), ca: pairsOf(root), crls: [][]byte{root.CRL(soon, w.client)}, want: "MSH518 revoked", goAccepts: true},
		{name: "list of the root is missing", purpose: Client, chain: pairsOf(leaf, middle), ca: pairsOf(root), crls: [][]byte{middle.CRL(soon)}, want: "MSH518 crl-missing", goAccepts: true},
		{name: "list of the intermediate is missing", purpose: Client, chain: pairsOf(leaf, middle), ca: pairsOf(root), crls: [][]byte{root.CRL(soon)}, want: "MSH518 crl-missing", goAccepts: true},
		{name: "both lists", purpose: Client, chain: pairsOf(leaf, middle), ca: pairsOf(root), crls: [][]byte{root.CRL(soon), middle.CRL(soon)}},
		{name: "intermediate revoked", purpose: Client, chain: pairsOf(leaf, middle), ca: pairsOf(root), crls: [][]byte{root.CRL(soon, middle), middle.CRL(soon)}, want: "MSH518 revoked", goAccepts: true},
		{name: "list out of date", purpose: Client, chain: pairsOf(w.client), ca: pairsOf(root), crls: [][]byte{root.CRL(time.Now().Add(-time.Hour))}, want: "MSH518 crl-expired", goAccepts: true},
		{name: "list by an impostor", purpose: Client, chain: pairsOf(w.client), ca: pairsOf(root), crls: [][]byte{impostor.CRL(soon)}, want: "MSH518 crl-bad-signature", goAccepts: true},
	}
}

func certificatesOf(pairs []*pkitest.Pair) []Certificate {
	var out []Certificate
	for i, p := range pairs {
		out = append(out, Certificate{p.Certificate, i + 1})
	}
	return out
}

func (c trial) question() Question {
	q := Question{
		Chain: certificatesOf(c.chain), Purpose: c.purpose, CA: certificatesOf(c.ca), Names: c.names,
		Known: certificatesOf(c.known), Now: c.now(),
	}
	for _, list := range c.crls {
		q.CRLs = append(q.CRLs, crlsIn(list)...)
	}
	return q
}

func (c trial) now() time.Time { return time.Now().AddDate(0, 0, c.days) }

func TestVerify(t *testing.T) {
	for _, c := range trials() {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			f := c.question().Verify()
			if f != nil {
				got = f.Rule + " " + string(f.Kind)
				t.Log(f.Message)
				if f.Message == "" || f.Consequence == "" || f.Fix == "" || !f.Breaks {
					t.Errorf("not all is said: %+v", f)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if len(c.chain) > 0 {
				c.againstGo(t, f == nil)
				c.againstOpenSSL(t, f == nil)
			}
		})
	}
}

// againstGo does the handshake.
func (c trial) againstGo(t *testing.T, accepted bool) {
	err := handshake(c)
	if (err == nil) != (accepted || c.goAccepts) {
		t.Errorf("crypto/tls says %v", err)
	}
}

// handshake shows the chain to a peer of crypto/tls. Go names the server; of several names the first is asked for.
func handshake(c trial) error {
	der := [][]byte{}
	for _, p := range c.chain {
		der = append(der, p.Raw)
	}
	shown := tls.Certificate{Certificate: der, PrivateKey: c.chain[0].Key}
	server := &tls.Config{Time: c.now, MinVersion: tls.VersionTLS12}
	client := &tls.Config{Time: c.now, MinVersion: tls.VersionTLS12}
	if c.purpose == Server {
		server.Certificates = []tls.Certificate{shown}
		client.RootCAs, client.ServerName = pool(certificatesOf(c.ca)), "direct.ext.example"
		if len(c.names) > 0 {
			client.ServerName = c.names[0]
		}
	} else {
		own := pkitest.Root("server").Leaf([]string{"server"})
		server.Certificates = []tls.Certificate{{Certificate: [][]byte{own.Raw}, PrivateKey: own.Key}}
		server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, pool(certificatesOf(c.ca))
		client.InsecureSkipVerify = true
		client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &shown, nil }
	}
	return converse(client, server)
}

func converse(client, server *tls.Config) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a pipe has no buffer, and both sides may write at once
	if err != nil {
		return err
	}
	defer listener.Close()
	done := make(chan error, 1)
	go func() {
		far, err := listener.Accept()
		if err != nil {
			done <- err
			return
		}
		conn := tls.Server(far, server)
		if err = conn.Handshake(); err == nil {
			_, err = conn.Write([]byte("x"))
		}
		far.Close()
		done <- err
	}()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return err
	}
	conn := tls.Client(near, client)
	_, err = conn.Read(make([]byte, 1)) // in TLS 1.3 the server refuses after the client has finished
	near.Close()
	return errors.Join(err, <-done)
}

// againstOpenSSL verifies with anchors in the middle allowed, as Envoy does; of names it is not asked.
func (c trial) againstOpenSSL(t *testing.T, accepted bool) {
	dir := t.TempDir()
	write := func(name string, parts ...[]byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, slices.Concat(parts...), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	var cas, rest [][]byte
	for _, p := range c.ca {
		cas = append(cas, p.PEM())
	}
	for _, p := range c.chain[1:] {
		rest = append(rest, p.PEM())
	}
	args := []string{
		"verify", "-partial_chain", "-auth_level", "1", "-purpose", "ssl" + string(c.purpose), "-attime", fmt.Sprint(c.now().Unix()),
		"-no-CApath", "-no-CAstore", "-CAfile", write("ca.pem", cas...),
	}
	if len(cas) == 0 {
		args = append(args[:len(args)-2], "-no-CAfile")
	}
	if len(rest) > 0 {
		args = append(args, "-untrusted", write("rest.pem", rest...))
	}
	if len(c.crls) > 0 {
		args = append(args, "-crl_check", "-crl_check_all", "-CRLfile", write("crl.pem", c.crls...))
	}
	out, err := openssl(t, append(args, write("leaf.pem", c.chain[0].PEM()))...)
	named := strings.HasSuffix(c.want, string(WrongName)) || strings.HasSuffix(c.want, string(NoSAN))
	if (err == nil) != ((accepted || named) && !c.opensslRefuses) {
		t.Errorf("openssl says %v: %s", err, out)
	}
}
