package istiod

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// handshakes are the TLS of the paths that TestCells walked: each that differs is done once.
var handshakes = handshakeList{seen: map[string]int{}}

type handshakeList struct {
	hops []tlsHop
	seen map[string]int // the index of a hop, by what it does
}

// A tlsHop is one TLS of a path: what the configuration says of its two sides.
type tlsHop struct {
	where  string // which cell, for people
	client handshake.Client
	server handshake.Server
	named  string // the authority that signed the server's certificate: "partner", "public" or "mesh"
	leaf   handshake.Leaf
	mesh   bool
	// refused says that the intended end of the path is that the server refuses the client.
	refused bool
}

// add takes every TLS of a path: those between two proxies, and the one at the end. The credentials are those in the
// Secrets of the world.
func (l *handshakeList) add(title string, want expectation, p judge.Path, world *judge.Bundle) {
	held := secretsOf(world)
	for _, way := range append([]judge.Path{p}, p.Else...) {
		for i, h := range way.Hops {
			if h.Wire.Layers == 0 {
				continue
			}
			last := i == len(way.Hops)-1
			var next *judge.Termination
			if !last {
				next = way.Hops[i+1].Terminates
				if next == nil && way.Hops[i+1].Wire.Mode != "" {
					continue // the TLS goes through the next proxy as it is
				}
			}
			hop := tlsHop{where: title, client: held.client(h)}
			refusedHere := want.Outcome == judge.TLSFailure && (last || i == len(way.Hops)-2 && way.Hops[i+1].Wire.Mode == "")
			switch {
			case next != nil:
				hop.behind(next, h, held)
			case last && h.Proxy != "workload" && (want.Server == judge.Simple || want.Server == judge.Mutual):
				hop.outside(h, want.Server == judge.Mutual)
			default:
				continue // nothing says who the server is: its end is another than the one that was intended
			}
			hop.refused = refusedHere
			l.once(hop)
		}
	}
}

func (l *handshakeList) once(h tlsHop) {
	key, err := json.Marshal([]any{h.client, h.server.Names, h.server.Default, h.server.ClientCA, h.server.ClientOptional, h.named, h.leaf, h.refused})
	if err != nil {
		panic(err) // plain data
	}
	if _, known := l.seen[string(key)]; known {
		return
	}
	l.seen[string(key)] = len(l.hops)
	l.hops = append(l.hops, h)
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
		c.Certificate = pki.issue(pki.clients, shown, handshake.Leaf{CommonName: shown})
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
func (h *tlsHop) behind(t *judge.Termination, from judge.Hop, held secrets) {
	h.server = handshake.Server{Names: t.ServerNames, ClientOptional: !t.Required && t.ClientCA != ""}
	if len(t.ServerNames) == 0 { // any SNI, and none
		h.server.Names, h.server.Default = []string{"any.example"}, true
	}
	if t.Credential == "mesh" {
		h.mesh, h.named, h.leaf = true, "mesh", handshake.Leaf{URIs: []string{t.Identity}}
	} else {
		s := held.of(t.Credential)
		h.named, h.leaf = "partner", handshake.Leaf{DNS: secretHosts(t.Credential)}
		h.server.Certificate = &handshake.Certificate{CertPEM: s["tls.crt"], KeyPEM: s["tls.key"]}
	}
	switch t.ClientCA {
	case "":
	case "mesh":
		h.server.ClientCA = pki.mesh.PEM()
	default:
		h.server.ClientCA = held.of(t.ClientCA)["ca.crt"]
	}
}

// outside makes the service at the end the server: it answers to its own name, with a certificate for it.
func (h *tlsHop) outside(from judge.Hop, mutual bool) {
	host := from.Destination.Host
	h.server = handshake.Server{Names: []string{host}}
	h.named, h.leaf = "partner", handshake.Leaf{DNS: []string{host}}
	if from.Verify.Server.CA == "system" {
		h.named = "public"
	}
	if mutual {
		h.server.ClientCA = pki.clients.PEM()
	}
}

// secretHosts are those for which cells.yaml says that a Secret is.
func secretHosts(credential string) []string {
	for _, c := range allCells {
		for _, entry := range c.Secrets {
			if name, hosts, found := strings.Cut(entry, " for "); found && "secret "+name == credential {
				return strings.Fields(hosts)
			}
		}
	}
	return nil
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
}

// trials are the hop as it is meant, and with a server or a client that is not who it says: the one who is meant to
// look must refuse.
func (h tlsHop) trials() []trial {
	with := func(by *handshake.Authority, leaf handshake.Leaf) handshake.Server {
		s := h.server
		s.Certificate = pki.issue(by, "server", leaf)
		return s
	}
	own := pki.byName(h.named)
	all := []trial{{what: "as it is meant", server: h.server}}
	if h.server.Certificate == nil {
		all[0].server = with(own, h.leaf)
	}
	if h.refused {
		all[0].what, all[0].by = "without the certificate that the server asks for", handshake.TheServer
		return all
	}
	if h.client.Roots != nil {
		all = append(all, trial{"a server by an authority that nobody trusts", with(pki.nobody, h.leaf), handshake.TheClient})
	}
	if len(h.client.Names) > 0 {
		other := handshake.Leaf{DNS: []string{"other.example"}}
		if h.mesh {
			other = handshake.Leaf{URIs: []string{"spiffe://cluster.local/ns/other/sa/other"}}
		}
		all = append(all, trial{"a server of another name", with(own, other), handshake.TheClient})
	}
	if h.client.Certificate != nil && h.server.ClientCA != nil {
		stranger := with(own, h.leaf)
		stranger.ClientCA = pki.nobody.PEM()
		all = append(all, trial{"a server that admits other clients", stranger, handshake.TheServer})
	}
	return all
}

// TestHandshakes does every TLS that the cells' paths have, for real, against nginx.
func TestHandshakes(t *testing.T) {
	if len(handshakes.hops) == 0 {
		t.Skip("TestCells walks the paths whose TLS is done here")
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
		for j, trial := range h.trials() {
			result, err := nginx.Try(ctx, fmt.Sprint(i, " ", j), h.client, handshake.Request{Host: cmp.Or(h.client.SNI, "by-address")})
			if err != nil {
				t.Fatalf("%s: %v", h.where, err)
			}
			if result.RefusedBy != trial.by {
				agreed = false
				t.Errorf("%s: TLS with sni %q to a server for %v, %s: want it refused by %q, got %q: %s", h.where, h.client.SNI,
					append(h.leaf.DNS, h.leaf.URIs...), trial.what, trial.by, result.RefusedBy, result.Why)
			}
		}
		tlsTally.add(true, len(h.trials()), agreed, time.Since(began))
	}
}
