package certs

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/meshscenario/scenario/pki"
)

// A Call is a handshake with a server that runs.
type Call struct {
	Address    string // HOST:PORT
	ServerName string // that is asked for; "" is the host
	// Certificate names the one of the store that is shown; "" is none.
	Certificate string
	// Peer names the CA in the store that verifies the server; "" is the store's own.
	Peer    string
	Timeout time.Duration // of each connection; 0 is ten seconds
}

// An Answer is what a server showed and did.
type Answer struct {
	Call
	Version string // of TLS; "" where there was no handshake to its end
	Chain   []pki.Certificate
	// Asks says that the server asks for a certificate, and CAs whose it names, if it does.
	Asks bool
	CAs  []string
	// Without is what it did with somebody who showed no certificate, and With with ours.
	Without, With Verdict
	Findings      []Finding
}

// A Verdict is what a server did. Where it was not asked, it is the zero value.
type Verdict struct {
	Asked, Accepted bool
	Why             string // it refused, as far as it said
}

// Connect makes real handshakes and judges what the server shows, whether it accepts our certificate, and whether it lets
// in who has none. The error says that there is no server, or no such certificate or CA in the store; what is wrong with
// the server, or with our certificate there, is in the findings.
func (s *Store) Connect(ctx context.Context, c Call) (Answer, error) {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return Answer{}, err
	}
	if c.ServerName == "" {
		c.ServerName = host
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	trust, err := s.verifies(c.Peer)
	if err != nil {
		return Answer{}, err
	}
	var ours pki.Material
	var faults []pki.Fault
	var pair tls.Certificate
	if c.Certificate != "" {
		certificate, key, err := s.Pair(c.Certificate)
		if err != nil {
			return Answer{}, err
		}
		ours, faults = (*pki.Reader)(nil).PairFiles(pki.File{Name: "tls.crt", Data: certificate}, pki.File{Name: "tls.key", Data: key})
		faults = append(append(faults, ours.Client()...), ours.Dates(s.options.Now(), 0)...)
		if pair, err = tls.X509KeyPair(certificate, key); err != nil {
			pair = tls.Certificate{} // the faults say why
		}
	}
	a := Answer{Call: c}
	first, err := c.shake(ctx, tls.Certificate{})
	if err != nil {
		return a, err
	}
	a.Version, a.Asks, a.CAs, a.Without = first.version, first.asks, first.cas, first.verdict
	var second shaken
	if pair.Certificate != nil {
		if second, err = c.shake(ctx, pair); err != nil {
			return a, err
		}
		a.With, a.Version = second.verdict, cmp.Or(a.Version, second.version)
	}
	chain := first.chain
	if len(chain) == 0 {
		chain = second.chain
	}
	a.judgeServer(chain, trust, s.options.Now())
	a.judgeClient(ours, faults)
	return a, nil
}

// judgeServer finds what is wrong with what the server shows.
func (a *Answer) judgeServer(chain, trust []byte, now time.Time) {
	if len(chain) == 0 {
		a.add(Finding{
			Rule: NoTLS, Breaks: true, Message: "the server shows no certificate: " + a.Without.Why,
			Consequence: "no client that makes TLS gets through", Fix: "look whether that port speaks TLS, and for this server name",
		})
		return
	}
	var r pki.Reader
	shown, faults := r.PairFiles(pki.File{Name: "the chain", Data: chain}, pki.File{})
	roots, _ := r.CAFile(pki.File{Name: "ca.crt", Data: trust}, pki.File{})
	a.Chain = shown.Chain
	faults = append(faults, shown.Server()...)
	q := pki.Question{Chain: shown.Chain, Purpose: pki.Server, CA: roots.CA, Names: []string{a.ServerName}, Now: now}
	if f := q.Verify(); f != nil {
		faults = append(faults, *f)
	}
	a.tell(faults, "")
}

// judgeClient finds what is wrong with our certificate there.
func (a *Answer) judgeClient(ours pki.Material, faults []pki.Fault) {
	a.tell(faults, "certificate "+a.Certificate+", which is shown: ")
	breaks := slices.ContainsFunc(faults, func(f pki.Fault) bool { return f.Breaks })
	switch {
	case len(a.Chain) == 0:
	case a.Certificate == "":
		if !a.Without.Accepted {
			a.add(Finding{
				Rule: "MSH224", Breaks: true, Message: "the server asks for a client certificate, and none is shown: " + a.Without.Why,
				Consequence: "the server ends the handshake", Fix: "show one of the folder's with --certificate, and set tls.mode MUTUAL where the TLS is made",
			})
		}
	case !a.Asks:
		a.add(Finding{
			Rule: ClientOptional, Breaks: true, Message: "the server asks for no certificate, so " + a.Certificate + " is shown to nobody",
			Consequence: "whoever reaches the server is let in", Fix: "have the server verify clients: tls.mode MUTUAL of a Gateway, ssl_verify_client of nginx",
		})
	case a.Without.Accepted:
		a.add(Finding{
			Rule: ClientOptional, Breaks: true, Message: "the server asks for a certificate, and lets in who shows none",
			Consequence: "whoever reaches the server is let in", Fix: "have the server require it: tls.mode MUTUAL of a Gateway, not OPTIONAL_MUTUAL; ssl_verify_client on of nginx",
		})
	}
	if a.With.Asked && !a.With.Accepted && !breaks && len(a.Chain) > 0 {
		a.add(Finding{
			Rule: "MSH225", Kind: pki.UnknownCA, Breaks: true, Message: a.refusal(ours),
			Consequence: "the server ends the handshake", Fix: "put the CA that issued it, ca.crt of the folder, into what the server trusts",
		})
	}
}

// refusal says that the server does not take our certificate, and what it says of that.
func (a *Answer) refusal(ours pki.Material) string {
	text := "the server refuses certificate " + a.Certificate
	if leaf, ok := ours.Leaf(); ok {
		text += ", issued by " + leaf.Issuer.String()
	}
	if a.With.Why != "" {
		text += ": " + a.With.Why
	}
	return text
}

func (a *Answer) add(f Finding) {
	f.Server = a.Address
	a.Findings = append(a.Findings, f)
}

// tell adds faults, each kind once.
func (a *Answer) tell(faults []pki.Fault, prefix string) {
	told := map[pki.Kind]bool{}
	for _, f := range faults {
		if !told[f.Kind] {
			f.Message = prefix + f.Message
			a.add(findingOf(f, ""))
		}
		told[f.Kind] = true
	}
}

// shaken is how one handshake went.
type shaken struct {
	version string
	chain   []byte
	asks    bool
	cas     []string
	verdict Verdict
}

// shake makes one handshake, and shows the certificate whatever CAs the server names, as proxies do. Nothing of the server
// is verified: that is judged by what it shows.
func (c Call) shake(ctx context.Context, show tls.Certificate) (shaken, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.Address)
	if err != nil {
		return shaken{}, err
	}
	defer conn.Close()
	var h shaken
	client := tls.Client(conn, &tls.Config{
		ServerName: c.ServerName, InsecureSkipVerify: true,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			for _, der := range raw {
				h.chain = append(h.chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
			}
			return nil
		},
		GetClientCertificate: func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			h.asks, h.cas = true, names(r.AcceptableCAs)
			return &show, nil
		},
	})
	err = client.HandshakeContext(ctx)
	h.verdict = Verdict{Asked: true, Accepted: err == nil}
	if err == nil {
		h.version = tls.VersionName(client.ConnectionState().Version)
		if h.asks {
			h.verdict = c.welcome(client)
		}
		return h, nil
	}
	if ctx.Err() != nil {
		return h, ctx.Err()
	}
	h.verdict.Why = why(err)
	return h, nil
}

// why is what the other side said when it ended a connection.
func why(err error) string {
	var op *net.OpError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &plain):
		return "it does not answer with TLS"
	case errors.As(err, &op) && op.Op == "remote error":
		return "it says " + op.Err.Error()
	}
	return "it ends the connection"
}
