package istiod

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// handshakes are the TLS of the paths that TestCells walked: each that differs is done once.
var handshakes = handshakeList{seen: map[string]bool{}}

type handshakeList struct {
	hops    []tlsHop
	seen    map[string]bool // what the hops do
	notDone int             // requests whose TLS is not done: cells.yaml does not say what listens at the end
}

// A tlsHop is one TLS of a path: what the configuration says of its two sides.
type tlsHop struct {
	where  string // which cell, for people
	client handshake.Client
	server handshake.Server
	signed string         // by whom the server's certificate is: "partner", "public" or "mesh"
	leaf   handshake.Leaf // what is in it
	// clientNames are those of which the client must have one. nginx does not look at them.
	clientNames []string
	// refused says that the intended end of the path is that the server refuses the client.
	refused bool
}

// add takes every TLS of a path where it ends: at a proxy that takes it off, or at the service at the end. The
// credentials are those in the Secrets of the world.
func (l *handshakeList) add(title string, want expectation, p judge.Path, world *judge.Bundle) {
	held := secretsOf(world)
	ways := append([]judge.Path{p}, p.Else...)
	wanted := append([]way{want.way}, want.Else...)
	for n := range min(len(ways), len(wanted)) {
		way, want := ways[n], wanted[n]
		var under []judge.Hop // who put the TLS around the connection that is there, from the innermost
		for i, h := range way.Hops {
			if t := h.Terminates; t != nil && len(under) > 0 {
				hop := tlsHop{where: title, client: held.client(under[len(under)-1])}
				hop.behind(t, hop.client.SNI, held)
				if hop.signed == "mesh" && under[len(under)-1].Wire.Mode == judge.Application {
					hop.client.Roots, hop.client.Names = nil, nil // who is not of the mesh and tries, verifies nothing
				}
				hop.refused = want.Outcome == judge.TLSFailure && i == len(way.Hops)-1
				l.once(hop)
				under = under[:len(under)-1]
			}
			for len(under) < h.Wire.Layers {
				under = append(under, h)
			}
		}
		last := way.Hops[len(way.Hops)-1]
		switch {
		case len(under) == 0 || want.Outcome != judge.Arrives && want.Outcome != judge.TLSFailure:
		case last.Wire.Mode == "": // ended before it was sent
		case want.Server == judge.Simple || want.Server == judge.Mutual:
			hop := tlsHop{where: title, client: held.client(under[0])}
			hop.outside(last, want)
			hop.refused = want.Outcome == judge.TLSFailure
			l.once(hop)
		default:
			l.notDone++
		}
	}
}

func (l *handshakeList) once(h tlsHop) {
	key, err := json.Marshal([]any{h.client, h.server.Names, h.server.Default, h.server.ClientCA, h.server.ClientOptional, h.signed, h.leaf, h.clientNames, h.refused})
	if err != nil {
		panic(err) // plain data
	}
	if !l.seen[string(key)] {
		l.seen[string(key)] = true
		l.hops = append(l.hops, h)
	}
}

// secrets are the Secrets of a bundle, by "secret NAMESPACE/NAME".
type secrets map[string]map[string][]byte

func secretsOf(b *judge.Bundle) secrets {
	all := secrets{}
	for _, o := range b.Objects {
		if o.Kind != "Secret" {
			continue
		}
		var s struct{ Data map[string][]byte }
		if err := json.Unmarshal(o.JSON, &s); err != nil {
			panic(err) // the test wrote it
		}
		all["secret "+o.Namespace+"/"+o.Name] = s.Data
	}
	return all
}

// of is the Secret behind a credential or a CA: by its name, or, for files, the one of a client that is mounted.
func (s secrets) of(credential string) map[string][]byte {
	if strings.HasPrefix(credential, "file ") {
		return s["secret greetings-client/greeting-client-secret"]
	}
	return s[credential]
}

// client is what a hop's sender does, by the configuration.
func (s secrets) client(h judge.Hop) handshake.Client {
	c := handshake.Client{SNI: h.Wire.SNI, Names: h.Verify.Server.Names}
	for _, p := range h.Wire.ALPN {
		// nginx knows these and no names of Istio's; Envoy lets pass what it does not know.
		if p == "h2" || p == "http/1.1" {
			c.ALPN = append(c.ALPN, p)
		}
	}
	switch ca := h.Verify.Server.CA; {
	case ca == "":
	case ca == "mesh":
		c.Roots = pki.mesh.PEM()
	case ca == "system":
		c.Roots = pki.public.PEM()
	case strings.HasPrefix(ca, "destinationCACertificate"):
		c.Roots = pki.partner.PEM() // who has the key to the CA in the example's Route, nobody knows
	default:
		c.Roots = s.of(ca)["ca.crt"]
	}
	switch shown := h.Verify.Client.Credential; {
	case shown == "":
	case shown == "mesh":
		c.Certificate = pki.issue(pki.mesh, "client", handshake.Leaf{URIs: []string{"spiffe://cluster.local/ns/x/sa/client"}})
	case h.Wire.Mode == judge.Application:
		c.Certificate = pki.issue(pki.clients, shown, handshake.Leaf{CommonName: shown, DNS: []string{clientName}})
	default:
		c.Certificate = &handshake.Certificate{CertPEM: s.of(shown)["tls.crt"], KeyPEM: s.of(shown)["tls.key"]}
	}
	if h.Wire.Mode == judge.Application {
		// How an application verifies is its own affair; this one does as it should.
		c.Roots, c.Names = pki.partner.PEM(), []string{h.Wire.SNI}
	}
	return c
}

// behind makes a proxy the server, as its listener says.
func (h *tlsHop) behind(t *judge.Termination, sni string, held secrets) {
	h.server = handshake.Server{Names: t.ServerNames, ClientOptional: !t.Required && t.ClientCA != ""}
	h.clientNames = t.ClientNames
	if len(t.ServerNames) == 0 { // any SNI, and none
		h.server.Names, h.server.Default = []string{"any.example"}, true
	}
	switch secret, known := held[t.Credential]; {
	case t.Credential == "mesh":
		h.signed, h.leaf = "mesh", handshake.Leaf{URIs: []string{t.Identity}}
	case known:
		h.server.Certificate = &handshake.Certificate{CertPEM: secret["tls.crt"], KeyPEM: secret["tls.key"]}
		h.signed, h.leaf = "partner", handshake.Leaf{DNS: namesIn(secret["tls.crt"])}
	default: // the router's, or a Route's own
		h.signed, h.leaf = "partner", handshake.Leaf{DNS: []string{sni}}
	}
	switch t.ClientCA {
	case "":
	case "mesh":
		h.server.ClientCA = pki.mesh.PEM()
	default:
		h.server.ClientCA = held.of(t.ClientCA)["ca.crt"]
	}
}

// outside makes the service at the end the server: it answers to its own name, with a certificate for it by whom the
// cell says.
func (h *tlsHop) outside(from judge.Hop, want way) {
	host := from.Destination.Host
	if host == "" { // the application behind a sidecar does its own TLS
		host = from.Wire.SNI
	}
	h.server = handshake.Server{Names: []string{host}}
	h.signed, h.leaf = cmp.Or(want.Signed, "partner"), handshake.Leaf{DNS: []string{host}}
	if want.Server == judge.Mutual {
		h.server.ClientCA = pki.clients.PEM()
	}
}

// namesIn are the DNS names in a certificate.
func namesIn(certificate []byte) []string {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return nil
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return parsed.DNSNames
}

func (a *authorities) byName(name string) *handshake.Authority {
	switch name {
	case "mesh":
		return a.mesh
	case "public":
		return a.public
	default:
		return a.partner
	}
}

// A trial is one handshake of a hop, and what must come of it.
type trial struct {
	what   string
	server handshake.Server
	by     handshake.Side // who must refuse; "" for nobody
	saying string         // part of why
}

// trials are the hop as it is meant, and with a server or a client that is not who it says: the one who is meant to
// look must refuse.
func (h tlsHop) trials() []trial {
	with := func(by *handshake.Authority, leaf handshake.Leaf) handshake.Server {
		s := h.server
		s.Certificate = pki.issue(by, "server", leaf)
		return s
	}
	own := pki.byName(h.signed)
	all := []trial{{what: "as it is meant", server: h.server}}
	if h.server.Certificate == nil {
		all[0].server = with(own, h.leaf)
	}
	if h.refused {
		all[0].what = "without the certificate that the server asks for"
		all[0].by, all[0].saying = handshake.TheServer, "No required SSL certificate was sent"
		return all
	}
	if h.client.Roots != nil {
		all = append(all, trial{"a server by an authority that nobody trusts", with(pki.nobody, h.leaf), handshake.TheClient, "authority"})
	}
	if len(h.client.Names) > 0 {
		other := handshake.Leaf{DNS: []string{"other.example"}}
		if h.signed == "mesh" {
			other = handshake.Leaf{URIs: []string{"spiffe://cluster.local/ns/other/sa/other"}}
		}
		all = append(all, trial{"a server of another name", with(own, other), handshake.TheClient, "the certificate is for"})
	}
	if h.client.Certificate != nil && h.server.ClientCA != nil {
		stranger := with(own, h.leaf)
		stranger.ClientCA = pki.nobody.PEM()
		all = append(all, trial{"a server that admits other clients", stranger, handshake.TheServer, "The SSL certificate error"})
	}
	return all
}

// TestHandshakes does every TLS that the cells' paths have, for real, against nginx.
func TestHandshakes(t *testing.T) {
	if istiodTally.judged() == 0 {
		t.Skip("TestCells walks the paths whose TLS is done here")
	}
	if len(handshakes.hops) == 0 {
		t.Fatal("the cells' paths have no TLS")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var ports []handshake.Port
	for i, h := range handshakes.hops {
		for j, trial := range h.trials() {
			ports = append(ports, handshake.Port{
				Name: fmt.Sprint(i, " ", j), SNIOnly: true, HTTP2: slices.Contains(h.client.ALPN, "h2"), Servers: []handshake.Server{trial.server},
			})
		}
	}
	nginx, err := handshake.Start(ctx, t.TempDir(), ports...)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range handshakes.hops {
		agreed, began := true, time.Now()
		fail := func(format string, args ...any) {
			agreed = false
			t.Errorf("%s: TLS with sni %q to a server for %v, %s", h.where, h.client.SNI, append(h.leaf.DNS, h.leaf.URIs...), fmt.Sprintf(format, args...))
		}
		for j, trial := range h.trials() {
			result, err := nginx.Try(ctx, fmt.Sprint(i, " ", j), h.client, handshake.Request{Host: cmp.Or(h.client.SNI, "by-address")})
			if err != nil {
				t.Fatalf("%s: %v", h.where, err)
			}
			if said := result.Why + " " + result.ServerLog; result.RefusedBy != trial.by || !strings.Contains(said, trial.saying) {
				want, got := "it to stand", "it stands"
				if trial.by != "" {
					want = fmt.Sprintf("it refused by the %s, saying %q", trial.by, trial.saying)
				}
				if result.RefusedBy != "" {
					got = fmt.Sprintf("refused by the %s: %s", result.RefusedBy, strings.TrimSpace(said))
				}
				fail("%s: want %s, %s", trial.what, want, got)
			}
		}
		if mesh := slices.ContainsFunc(h.clientNames, func(n string) bool { return strings.HasPrefix(n, "spiffe:") }); len(h.clientNames) > 0 && !mesh {
			if h.client.Certificate == nil || !slices.ContainsFunc(namesIn(h.client.Certificate.CertPEM), func(n string) bool { return slices.Contains(h.clientNames, n) }) {
				fail("which admits %v: the client is none of them", h.clientNames)
			}
		}
		tlsTally.add(true, len(h.trials()), agreed, time.Since(began))
	}
}
