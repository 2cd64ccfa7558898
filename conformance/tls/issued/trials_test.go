package issued

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A trial is one handshake, and what must come of it.
type trial struct {
	what   string
	client handshake.Client
	server handshake.Server
	by     handshake.Side // who must refuse; "" for nobody
	saying string         // part of why
}

// strangers are an authority that nobody trusts, and a certificate of it for no name that anybody asks for.
type strangers struct {
	authority *handshake.Authority
	of        map[string]*handshake.Certificate // by the name it is for
}

func newStrangers() *strangers {
	return &strangers{must(handshake.NewAuthority("nobody's")), map[string]*handshake.Certificate{}}
}

func (s *strangers) certificate(name string) *handshake.Certificate {
	if s.of[name] == nil {
		made := must(s.authority.Issue(handshake.Leaf{DNS: []string{name}}))
		s.of[name] = &made
	}
	return s.of[name]
}

// trials are the leg as it is meant, and with somebody who is not who he says: the one who is meant to look must refuse. So a
// leg stands because of what is in its Secrets, and not because nobody looks.
func (l leg) trials(s *strangers) []trial {
	all := []trial{{what: "as it is meant", client: l.client, server: l.server}}
	with := func(what string, change func(*trial)) {
		other := trial{what: what, client: l.client, server: l.server}
		change(&other)
		all = append(all, other)
	}
	with("a server by an authority that nobody trusts", func(x *trial) {
		x.server.Certificate, x.by, x.saying = s.certificate(l.client.SNI), handshake.TheClient, "authority"
	})
	with("a client that expects another name", func(x *trial) {
		x.client.Names, x.by, x.saying = []string{"other.example"}, handshake.TheClient, "the certificate is for"
	})
	if l.server.ClientCA == nil {
		return all
	}
	with("a client by an authority that nobody trusts", func(x *trial) {
		x.client.Certificate, x.by, x.saying = s.certificate("client.example"), handshake.TheServer, "The SSL certificate error"
	})
	with("a client without a certificate", func(x *trial) {
		x.client.Certificate, x.by, x.saying = nil, handshake.TheServer, "No required SSL certificate was sent"
	})
	return all
}

var versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

// attempt does a trial in one version of TLS, and says what is otherwise than it must be; "" is nothing.
func attempt(t testing.TB, nginx *handshake.Nginx, port string, x trial, version uint16) string {
	t.Helper()
	x.client.MinVersion, x.client.MaxVersion = version, version
	got, err := nginx.Try(t.Context(), port, x.client, handshake.Request{Host: x.client.SNI})
	if err != nil {
		t.Fatalf("%s: %v", x.what, err)
	}
	said := strings.TrimSpace(got.Why + " " + got.ServerLog)
	why := ""
	switch {
	case got.RefusedBy != x.by || !strings.Contains(said, x.saying):
		want, was := "it is to stand", "it stands"
		if x.by != "" {
			want = fmt.Sprintf("the %s is to refuse it, saying %q", x.by, x.saying)
		}
		if got.RefusedBy != "" {
			was = fmt.Sprintf("the %s refuses it: %s", got.RefusedBy, said)
		}
		why = fmt.Sprintf("%s, %s: %s, and %s", x.what, tls.VersionName(version), want, was)
	case x.by == "" && x.server.ClientCA != nil && got.Seen.ClientSerial != serial(x.client.Certificate):
		why = fmt.Sprintf("%s: the server saw certificate %q, not %q", x.what, got.Seen.ClientSerial, serial(x.client.Certificate))
	}
	tally.handshake(why == "")
	return why
}

// admitted says what keeps the client out of a server that admits certain names alone.
func (l leg) admitted() string {
	if len(l.clientNames) == 0 {
		return ""
	}
	names := namesIn(l.client.Certificate)
	for _, admitted := range l.clientNames {
		domain, any := strings.CutSuffix(admitted, "*")
		if slices.ContainsFunc(names, func(n string) bool { return n == admitted || any && strings.HasPrefix(n, domain) }) {
			return ""
		}
	}
	return fmt.Sprintf("the server admits %v, and the client is %v", l.clientNames, names)
}
