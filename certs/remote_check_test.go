package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cfssl/auth"
	"github.com/cloudflare/cfssl/config"
	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"
	"github.com/cloudflare/cfssl/signer"
)

// TestRemoteAnswers: a server that is taken over, or badly set up, answers with something else than was asked for.
func TestRemoteAnswers(t *testing.T) {
	own, ca := newStoreNow(t), newStoreNow(t)
	honest := authorityOf(t, ca)
	now := time.Now()
	before, after := now.Add(-backdate), now.Add(30*day)
	as := func(by *authority, change func(*Request)) func([]byte) []byte {
		return func(csr []byte) []byte {
			q := remoteServer
			change(&q)
			certificate, err := by.Sign(t.Context(), csr, q, before, after)
			if err != nil {
				t.Error(err)
			}
			return certificate
		}
	}
	by := func(profile config.SigningProfile) func([]byte) []byte {
		return func(csr []byte) []byte {
			profile.Expiry, profile.ClientProvidesSerialNumbers = day, true
			certificate, err := signed(honest.key, honest.certificate, &profile, signer.SignRequest{
				Hosts: remoteServer.hosts(), Request: string(csr), Subject: &signer.Subject{CN: remoteServer.CommonName}, NotBefore: before, NotAfter: after,
			})
			if err != nil {
				t.Error(err)
			}
			return certificate
		}
	}
	same := func(*Request) {}
	for _, c := range []struct {
		name   string
		answer func(csr []byte) []byte
		want   string // "" is taken
	}{
		{"right", as(honest, same), ""},
		{"other key", func([]byte) []byte { return as(honest, same)(request(t, remoteServer)) }, "for another key"},
		{"name added", as(honest, func(q *Request) { q.DNS = append([]string{"bank.example"}, q.DNS...) }), "names bank.example, ext.example"},
		{"name left out", as(honest, func(q *Request) { q.DNS = q.DNS[:1] }), "names ext.example, 192.0.2.1"},
		{"address left out", as(honest, func(q *Request) { q.IPs = nil }), "the certificate names"},
		{"URI added", as(honest, func(q *Request) { q.URIs = []string{"spiffe://x.example/y"} }), "the certificate names"},
		{"other subject", as(honest, func(q *Request) { q.CommonName = "admin" }), `about "CN=admin"`},
		{"organization added", func(csr []byte) []byte {
			certificate, err := signed(honest.key, honest.certificate, &config.SigningProfile{Usage: []string{"digital signature", "server auth"}, Expiry: day, ClientProvidesSerialNumbers: true}, signer.SignRequest{
				Hosts: remoteServer.hosts(), Request: string(csr), Subject: &signer.Subject{CN: remoteServer.CommonName, Names: Subject{Organization: "system:masters"}.names()}, NotBefore: before, NotAfter: after,
			})
			if err != nil {
				t.Error(err)
			}
			return certificate
		}, "system:masters"},
		{"other purpose", as(honest, func(q *Request) { q.Purpose = Client }), "for clients"},
		{"a CA", by(config.SigningProfile{Usage: []string{"digital signature", "cert sign", "server auth"}}), "that of a CA"},
		{"any purpose", by(config.SigningProfile{Usage: []string{"digital signature"}}), "for anything"},
		{"no signature", by(config.SigningProfile{Usage: []string{"key encipherment", "server auth"}}), "may not sign"},
		{"other CA", as(authorityOf(t, own), same), "does not lead to the CA"},
		{"garbage", func([]byte) []byte { return []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") }, "holds no certificate"},
		{"nothing", func([]byte) []byte { return nil }, "none of CFSSL's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := lying(t, own, ca, func(w http.ResponseWriter, r *http.Request) {
				answer := map[string]any{"success": true, "result": map[string]string{"certificate": string(c.answer(csrOf(t, r)))}}
				json.NewEncoder(w).Encode(answer)
			})
			chain, err := sign(t, o, remoteServer)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if (len(chain) > 0) != (c.want == "") {
				t.Errorf("%d bytes of certificates", len(chain))
			}
		})
	}
}

// TestRemoteServers: what answers is no CFSSL server, or not in time.
func TestRemoteServers(t *testing.T) {
	own, ca := newStoreNow(t), newStoreNow(t)
	elsewhere := false
	for _, c := range []struct {
		name, want string
		answer     http.HandlerFunc
	}{
		{"HTML", "none of CFSSL's", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }},
		{"endless", "none of CFSSL's", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 2*answerLimit)) }},
		{"not found", "it refuses: Not Found", http.NotFound},
		{"redirect", "it redirects", func(w http.ResponseWriter, r *http.Request) {
			elsewhere = elsewhere || r.URL.Path == "/elsewhere"
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}},
		{"slow", "no answer within 50ms", func(_ http.ResponseWriter, r *http.Request) {
			io.ReadAll(r.Body) // else the server does not notice that the client is gone
			<-r.Context().Done()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := lying(t, own, ca, c.answer)
			if c.name == "slow" {
				o.Timeout = 50 * time.Millisecond
			}
			_, err := sign(t, o, remoteServer)
			var wrong *RemoteError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if elsewhere {
		t.Error("a signed request was sent elsewhere")
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := newRemote(lying(t, own, ca, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Sign(ctx, request(t, remoteServer), remoteServer, time.Now(), time.Now().Add(day)); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// lying is a server with a certificate that is trusted.
func lying(t *testing.T, own, ca *Store, answer http.HandlerFunc) remoteOptions {
	s := httptest.NewUnstartedServer(answer)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{*pairOf(t, own, "tls")}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return remoteOptions{URL: s.URL, ServerCA: trust(t, own), Chain: trust(t, ca), Key: keyNow}
}

// csrOf reads a request as cfssl does, and holds its token against the key.
func csrOf(t *testing.T, r *http.Request) []byte {
	var asked auth.AuthenticatedRequest
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		t.Error(err)
	}
	provider, err := auth.New(keyNow, nil)
	if err != nil || !provider.Verify(&asked) {
		t.Errorf("the token does not fit: %v", err)
	}
	var q signer.SignRequest
	if err := json.Unmarshal(asked.Request, &q); err != nil {
		t.Error(err)
	}
	if block, _ := pem.Decode([]byte(q.Request)); block == nil {
		t.Error("no request")
	}
	return []byte(q.Request)
}

func authorityOf(t *testing.T, s *Store) *authority {
	t.Helper()
	c := &change{dir: s.dir, index: s.x}
	i, err := s.issuer(c)
	if err != nil {
		t.Fatal(err)
	}
	return i.(*authority)
}

// TestRemoteIntermediate: the CA is below a root, which cfssl does not send along.
func TestRemoteIntermediate(t *testing.T) {
	now := time.Now()
	newCA := func(name string, by *authority, until time.Time) *authority {
		csrPEM, key, err := csr.ParseRequest(&csr.CertificateRequest{CN: name, KeyRequest: DefaultKey.request()})
		if err != nil {
			t.Fatal(err)
		}
		signs, err := helpers.ParsePrivateKeyPEM(key)
		if err != nil {
			t.Fatal(err)
		}
		profile := config.SigningProfile{Usage: []string{"cert sign"}, Expiry: day, ClientProvidesSerialNumbers: true, CAConstraint: config.CAConstraint{IsCA: true}}
		signing, parent := signs, (*x509.Certificate)(nil)
		if by != nil {
			signing, parent = by.key, by.certificate
		}
		certificate, err := signed(signing, parent, &profile, signer.SignRequest{Request: string(csrPEM), NotBefore: now.Add(-backdate), NotAfter: until})
		if err != nil {
			t.Fatal(err)
		}
		a, err := readAuthority(certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	root := newCA("root", nil, now.Add(100*day))
	long, short := newCA("long", root, now.Add(90*day)), newCA("short", root, now.Add(10*day))
	own := newStoreNow(t)
	for _, c := range []struct {
		by    *authority
		chain []*authority
		want  string
	}{
		{long, []*authority{long, root}, ""},
		{long, []*authority{root}, "does not lead to the CA"},
		{long, []*authority{long}, "has no root"},
		{short, []*authority{short, root}, "does not lead to the CA"}, // it ends before what it signs
	} {
		o := lying(t, own, own, func(w http.ResponseWriter, r *http.Request) {
			certificate, err := c.by.Sign(r.Context(), csrOf(t, r), remoteServer, now.Add(-backdate), now.Add(30*day))
			if err != nil {
				t.Error(err)
			}
			block, _ := pem.Decode(certificate) // the leaf alone
			json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]string{"certificate": string(pem.EncodeToMemory(block))}})
		})
		o.Chain = nil
		for _, a := range c.chain {
			o.Chain = append(o.Chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})...)
		}
		chain, err := sign(t, o, remoteServer)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if all, _ := helpers.ParseCertificatesPEM(chain); c.want == "" && (len(all) != 2 || all[1].Subject.CommonName != "long") {
			t.Errorf("%d certificates", len(all))
		}
	}
}
