package certs

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/cloudflare/cfssl/auth"
	"github.com/cloudflare/cfssl/helpers"
	"github.com/cloudflare/cfssl/signer"
)

// remoteOptions say which CFSSL server signs, and what is known of it beforehand.
type remoteOptions struct {
	// URL is https://HOST:PORT, and http:// only for this machine's own addresses.
	URL string
	// Profile is the server's signing profile; "" is its default, and so is a profile that it does not have. Label chooses
	// among several CAs of one server (multirootca).
	Profile, Label string
	// ServerCA verifies the server's own TLS certificate, as PEM. Nothing else does, the machine's CAs neither.
	ServerCA []byte
	// Chain is the CA that signs, as PEM: its certificate, what lies between it and the root, and the root. What leads
	// elsewhere is refused.
	Chain []byte
	// Key authenticates requests, as hexadecimal digits ([RemoteKey]).
	Key string
	// Certificate is shown to a server that asks for one (cfssl serve -mutual-tls-ca); nil is none.
	Certificate *tls.Certificate
	// Timeout is how long one certificate may take; 0 is half a minute.
	Timeout time.Duration
}

// A remote is an [Issuer] that asks a CFSSL server, by its authenticated endpoint and no other. How long a certificate lasts
// is for the server to say, which is not told: less than was asked for is taken, more is not.
type remote struct {
	options  remoteOptions
	endpoint string
	client   *http.Client
	token    func([]byte) ([]byte, error) // a closure, so that no print of a remote shows the key
	roots    *x509.CertPool
	between  *x509.CertPool
}

var _ Issuer = (*remote)(nil)

// A RemoteError says why a CFSSL server did not sign, or why what it signed is not taken.
type RemoteError struct {
	URL  string
	Err  error
	Hint string // what to do, or ""
}

func (e *RemoteError) Error() string { return fmt.Sprintf("CFSSL server %s: %s", e.URL, e.Err) }

func (e *RemoteError) Unwrap() error { return e.Err }

// issuer is the server as the one who signs below this chain. It is not asked yet.
func (s *RemoteSource) issuer(chain []byte) (Issuer, error) {
	key, err := RemoteKey(s.KeyFile)
	if err != nil {
		return nil, err
	}
	both := bothWays{}
	for purpose, profile := range map[Purpose]string{Server: s.ServerProfile, Client: s.ClientProfile} {
		o := remoteOptions{URL: s.URL, Profile: cmp.Or(profile, string(purpose)), Label: s.Label, ServerCA: s.ServerCA, Chain: chain, Key: key}
		if both[purpose], err = newRemote(o); err != nil {
			return nil, err
		}
	}
	return both, nil
}

// bothWays is one server with a profile for each purpose.
type bothWays map[Purpose]*remote

// Sign implements [Issuer].
func (p bothWays) Sign(ctx context.Context, csr []byte, request Request, notBefore, notAfter time.Time) ([]byte, error) {
	return p[request.Purpose].Sign(ctx, csr, request, notBefore, notAfter)
}

// newRemote checks the options; it asks nobody.
func newRemote(o remoteOptions) (*remote, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%q is not the address of a CFSSL server: https://HOST:PORT", o.URL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("%s is without TLS: whoever is on the way could replay requests and exchange certificates. Write https, and start the server with -tls-cert and -tls-key", o.URL)
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	r := &remote{options: o, endpoint: u.JoinPath("api/v1/cfssl/authsign").String(), roots: x509.NewCertPool(), between: x509.NewCertPool()}
	if err := checkAuthKey(o.Key); err != nil {
		return nil, err
	}
	provider, err := auth.New(o.Key, nil)
	if err != nil {
		return nil, errNotHex
	}
	r.options.Key, r.token = "", provider.Token
	if err := r.pin(o.Chain); err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// One request needs no HTTP/2, which hides why a server breaks off.
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	if u.Scheme == "https" && !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(o.ServerCA) {
		return nil, errors.New("no CA to verify the CFSSL server's own certificate by: there is no PEM certificate in what was given")
	}
	if o.Certificate != nil {
		transport.TLSClientConfig.Certificates = []tls.Certificate{*o.Certificate}
	}
	r.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("it redirects, and a signed request goes nowhere else")
	}}
	return r, nil
}

// pin takes the CA apart into roots and what lies between.
func (r *remote) pin(chain []byte) error {
	all, err := helpers.ParseCertificatesPEM(chain)
	if err != nil || len(all) == 0 {
		return errors.New("the CA of the CFSSL server cannot be read: it is not PEM with CERTIFICATE blocks")
	}
	found := false
	for _, c := range all {
		if selfSigned(c) {
			found = true
			r.roots.AddCert(c)
		} else {
			r.between.AddCert(c)
		}
	}
	if !found {
		return fmt.Errorf("the chain of the CA %s has no root: append the certificates up to the one that is self-signed", all[0].Subject)
	}
	return nil
}

// Sign implements [Issuer].
func (r *remote) Sign(ctx context.Context, csr []byte, request Request, notBefore, notAfter time.Time) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	body, err := json.Marshal(signer.SignRequest{
		Hosts: request.hosts(), Request: string(csr), Subject: &signer.Subject{CN: request.CommonName},
		Profile: r.options.Profile, Label: r.options.Label,
	})
	if err != nil {
		return nil, err
	}
	answer, err := r.ask(ctx, body)
	if err != nil {
		return nil, r.wrong(err)
	}
	chain, err := r.check(answer, csr, request, notBefore, notAfter)
	if err != nil {
		return nil, r.wrong(err)
	}
	return chain, nil
}

// loopback tells whether a host is this machine, whatever a resolver says.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
