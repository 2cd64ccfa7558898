package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// serve runs a server until the test ends. Its certificate is p's, unless the configuration has one.
func serve(t testing.TB, p *pkitest.Pair, trust *pkitest.Pair, edit func(*tls.Config), handler http.HandlerFunc) string {
	t.Helper()
	c := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{p.Raw}, PrivateKey: p.Key}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), Time: func() time.Time { return start },
	}
	c.ClientCAs.AddCert(trust.Certificate)
	if edit != nil {
		edit(c)
	}
	if handler == nil {
		handler = func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go s.Serve(tls.NewListener(l, c))
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// nginx does not end the handshake for want of a client certificate, but answers a request with 400.
func nginx(w http.ResponseWriter, r *http.Request) {
	if len(r.TLS.PeerCertificates) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, "<center>No required SSL certificate was sent</center>")
	}
}

func TestConnect(t *testing.T) {
	s, ca := kept(t)
	stranger := pkitest.Root("stranger", year(2030))
	sound := likeServer(ca)
	for _, c := range []struct {
		name    string
		server  *pkitest.Pair
		trust   *pkitest.Pair
		edit    func(*tls.Config)
		handler http.HandlerFunc
		shows   string // the client
		want    string
	}{
		{name: "sound", server: sound, trust: ca, shows: "orders", want: ""},
		{name: "sound, TLS 1.2", server: sound, trust: ca, shows: "orders", edit: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, want: ""},
		{name: "expired", server: likeServer(ca, func(t *pkitest.Template) { t.NotAfter = start.Add(-time.Minute) }), trust: ca, shows: "orders", want: "MSH507 expired"},
		{name: "wrong name", server: likeServer(ca, func(t *pkitest.Template) { t.DNSNames = []string{"other.example"} }), trust: ca, shows: "orders", want: "MSH227 wrong-name"},
		{name: "no name", server: likeServer(ca, func(t *pkitest.Template) { t.DNSNames, t.IPAddresses = nil, nil }), trust: ca, shows: "orders", want: "MSH509 no-san"},
		{name: "another CA", server: likeServer(stranger), trust: ca, shows: "orders", want: "MSH226 unknown-ca"},
		{name: "client's certificate on the server", server: likeOrders(ca, func(t *pkitest.Template) { t.DNSNames = []string{"ext.example"} }), trust: ca, shows: "orders", want: "MSH510 no-server-auth"},
		{name: "no client certificate", server: sound, trust: ca, want: "MSH224 "},
		{name: "no client certificate, TLS 1.2", server: sound, trust: ca, edit: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, want: "MSH224 "},
		{name: "no client certificate, nginx", server: sound, trust: ca, edit: func(c *tls.Config) { c.ClientAuth = tls.VerifyClientCertIfGiven }, handler: nginx, want: "MSH224 "},
		{name: "sound, nginx", server: sound, trust: ca, shows: "orders", edit: func(c *tls.Config) { c.ClientAuth = tls.VerifyClientCertIfGiven }, handler: nginx, want: ""},
		{name: "simple", server: sound, trust: ca, edit: func(c *tls.Config) { c.ClientAuth = tls.NoClientCert }, want: ""},
		{name: "client of another CA", server: sound, trust: stranger, shows: "orders", want: "MSH225 unknown-ca"},
		{name: "client of another CA, TLS 1.2", server: sound, trust: stranger, shows: "orders", edit: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, want: "MSH225 unknown-ca"},
		{name: "server's certificate shown", server: sound, trust: ca, shows: "shop.ext", want: "MSH510 no-client-auth"},
		{name: "swapped key", server: sound, trust: ca, shows: "swapped", want: "MSH506 key-mismatch"},
		{name: "nobody asks", server: sound, trust: ca, shows: "orders", edit: func(c *tls.Config) { c.ClientAuth = tls.NoClientCert }, want: "connect-client "},
		{name: "anybody gets in", server: sound, trust: ca, shows: "orders", edit: func(c *tls.Config) { c.ClientAuth = tls.VerifyClientCertIfGiven }, want: "connect-client "},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.shows == "swapped" {
				issue(t, s, Request{Name: "swapped", Purpose: Client, DNS: []string{"swapped.example"}})
				write(t, s, "certs/swapped/tls.key", pkitest.Root("x").KeyPEM())
			}
			a, err := s.Connect(t.Context(), Call{Address: serve(t, c.server, c.trust, c.edit, c.handler), ServerName: "ext.example", Certificate: c.shows})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range a.Findings {
				got = append(got, f.Rule+" "+string(f.Kind))
				if f.Server != a.Address || f.Message == "" || f.Consequence == "" || f.Fix == "" {
					t.Errorf("%+v", f)
				}
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %q\n%+v", got, a)
			}
			if c.want == "" && (len(a.Chain) != 1 || a.Version == "" || a.With.Asked && !a.With.Accepted) {
				t.Errorf("%+v", a)
			}
			if a.Asks && !slices.Contains(a.CAs, c.trust.Subject.String()) {
				t.Errorf("the server names %q", a.CAs)
			}
		})
	}
}

func TestConnectNoTLS(t *testing.T) {
	s, _ := kept(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plain := &http.Server{ErrorLog: log.New(io.Discard, "", 0)}
	go plain.Serve(l)
	t.Cleanup(func() { plain.Close() })
	a, err := s.Connect(t.Context(), Call{Address: l.Addr().String()})
	if err != nil || len(a.Findings) != 1 || a.Findings[0].Rule != NoTLS || !strings.Contains(a.Findings[0].Message, "does not answer with TLS") {
		t.Errorf("%+v, %v", a, err)
	}
	// One that says nothing at all.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := s.Connect(t.Context(), Call{Address: silent.Addr().String(), Timeout: 50 * time.Millisecond}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("of a silent server:", err)
	}
}

// TestConnectPeer is about a server whose CA is another's, which the store knows.
func TestConnectPeer(t *testing.T) {
	s, ca := kept(t)
	partner := pkitest.Root("partner", year(2030))
	client := orders
	client.Name, client.Secrets = "partner.orders", []SecretRef{{Namespace: "shop", Name: "partner", Shape: PairCA, Peer: "partner"}}
	if _, err := s.Issue(t.Context(), Wanted{Certificates: []Request{client}, Peers: map[string][]byte{"partner": partner.PEM()}}); err != nil {
		t.Fatal(err)
	}
	address := serve(t, likeServer(partner), ca, nil, nil)
	for peer, want := range map[string]int{"": 1, "partner": 0} {
		a, err := s.Connect(t.Context(), Call{Address: address, ServerName: "ext.example", Certificate: client.Name, Peer: peer})
		if err != nil || len(a.Findings) != want {
			t.Errorf("by the CA of %q: %+v, %v", peer, a.Findings, err)
		}
	}
	var none *NoPeerError
	if _, err := s.Connect(t.Context(), Call{Address: address, Peer: "nobody"}); !errors.As(err, &none) {
		t.Error(err)
	}
	var unknown *UnknownError
	if _, err := s.Connect(t.Context(), Call{Address: address, Certificate: "nobody"}); !errors.As(err, &unknown) {
		t.Error(err)
	}
}
