package handshake

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// foretold is what a call is expected to come to. What is empty in it must be empty in the result, but Why is a part.
type foretold struct {
	by      Side
	phase   Phase // HTTP, if it is empty
	why     string
	log     string
	status  int // 200, if it is 0 and nobody refuses
	server  string
	verify  string
	subject string
	alpn    string
}

// compare lists in what a result differs.
func (f foretold) compare(got Result) []string {
	if f.by == "" {
		f.status = 200
	}
	if f.phase == "" {
		f.phase = HTTP
	}
	var faults []string
	differ := func(what string, got, want any) {
		if got != want {
			faults = append(faults, fmt.Sprintf("%s: %v, foretold %v", what, got, want))
		}
	}
	differ("ok", got.OK, f.by == "")
	differ("refused by", got.RefusedBy, f.by)
	differ("phase", got.Phase, f.phase)
	differ("status", got.Status, f.status)
	differ("server", got.Seen.Server, f.server)
	differ("verify", got.Seen.ClientVerify, f.verify)
	differ("subject", got.Seen.ClientSubject, f.subject)
	differ("ALPN", got.ALPN, f.alpn)
	if !strings.Contains(got.Why, f.why) || f.why == "" && got.Why != "" {
		faults = append(faults, fmt.Sprintf("why: %q, foretold %q", got.Why, f.why))
	}
	if !strings.Contains(got.ServerLog, f.log) || f.log == "" && got.ServerLog != "" {
		faults = append(faults, fmt.Sprintf("log: %q, foretold %q", got.ServerLog, f.log))
	}
	return faults
}

type call struct {
	name   string
	port   string // "tls", if it is empty
	client Client // in TLS 1.2 and in 1.3, if it has no MaxVersion
	host   string // that of SNI, if it is empty
	want   foretold
	// apart says why openssl sees it otherwise, if it does.
	apart string
}

// calls is the table: what a proxy does against what the outside wants.
func (o *outside) calls() []call {
	roots, strangers := o.partner.PEM(), o.stranger.PEM()
	const (
		api, optional, on = "api.partner.example", "optional.partner.example", "on.partner.example"
	)
	refused := func(by Side, why string) foretold { return foretold{by: by, phase: Handshake, why: why} }
	logged := func(f foretold, line string) foretold { f.log = line; return f }
	// Who answers, what it thinks of the client's certificate, and whose that is.
	served := func(server, verify, subject string) foretold {
		return foretold{server: server, verify: verify, subject: subject}
	}
	rejected := func(server, why, verify, subject, line string) foretold {
		return foretold{by: TheServer, status: 400, server: server, why: why, verify: verify, subject: subject, log: line}
	}
	return []call{
		// What the client thinks of the server.
		{name: "no CA", client: Client{SNI: api}, want: served(api, "NONE", "")},
		{name: "right CA", client: Client{SNI: api, Roots: roots}, want: served(api, "NONE", "")},
		{name: "right CA among others", client: Client{SNI: api, Roots: append(strangers, roots...)}, want: served(api, "NONE", "")},
		{name: "wrong CA", client: Client{SNI: api, Roots: strangers}, want: refused(TheClient, "unknown authority")},
		{name: "right name", client: Client{SNI: api, Roots: roots, Names: []string{api}}, want: served(api, "NONE", "")},
		{name: "right name in capitals", client: Client{SNI: api, Roots: roots, Names: []string{"API.Partner.example"}}, want: served(api, "NONE", "")},
		{name: "one of two names", client: Client{SNI: api, Roots: roots, Names: []string{"other.example", on}}, want: served(api, "NONE", "")},
		{name: "wrong name", client: Client{SNI: api, Roots: roots, Names: []string{"other.example"}}, want: refused(TheClient, "is for api.partner.example, optional.partner.example, on.partner.example, not for other.example")},
		{name: "another name than SNI is not looked at", client: Client{SNI: "wild.partner.example", Roots: roots, Names: []string{"any.partner.example"}}, want: served("wild.partner.example", "NONE", "")},
		{name: "wrong name by itself", client: Client{SNI: api, Roots: roots, AutoName: true}, host: "other.example:8443", want: refused(TheClient, "not for other.example")},
		{name: "right name by itself", client: Client{SNI: api, Roots: roots, AutoName: true}, want: served(api, "NONE", "")},
		{name: "name by itself without CA", client: Client{SNI: api, AutoName: true}, host: "other.example", want: refused(TheClient, "not for other.example"), apart: "it goes on without a CA, and so it does with a wrong name"},
		{name: "both, and one of them wrong", client: Client{SNI: api, Roots: roots, AutoName: true, Names: []string{gatewayID}}, want: refused(TheClient, "not for spiffe://")},
		{name: "wildcard", client: Client{SNI: "wild.partner.example", Roots: roots, Names: []string{"wild.partner.example"}}, want: served("wild.partner.example", "NONE", "")},
		{name: "wildcard for two labels", client: Client{SNI: "too.deep.partner.example", Roots: roots, Names: []string{"too.deep.partner.example"}}, want: refused(TheClient, "is for *.partner.example, not for too.deep.partner.example")},
		{name: "expired server", client: Client{SNI: "expired.partner.example", Roots: roots}, want: refused(TheClient, "expired")},
		{name: "expired server without CA", client: Client{SNI: "expired.partner.example"}, want: served("expired.partner.example", "NONE", "")},
		{name: "common name is no name", client: Client{SNI: "cn.partner.example", Roots: roots, Names: []string{"cn.partner.example"}}, want: refused(TheClient, "is for no name"), apart: "it takes the common name where there is no other"},
		{name: "IP address", client: Client{SNI: "ip.partner.example", Roots: roots, Names: []string{"192.0.2.7"}}, want: served("ip.partner.example", "NONE", "")},
		{name: "certificate of a client", client: Client{SNI: "client.partner.example", Roots: roots}, want: refused(TheClient, "incompatible key usage")},
		{name: "chain sent along", client: Client{SNI: "chained.partner.example", Roots: roots, Names: []string{"chained.partner.example"}}, want: served("chained.partner.example", "NONE", "")},
		{name: "chain not sent along", client: Client{SNI: "unchained.partner.example", Roots: roots}, want: refused(TheClient, "unknown authority")},
		{name: "root is not the top", client: Client{SNI: "unchained.partner.example", Roots: o.below.PEM()}, want: served("unchained.partner.example", "NONE", "")},

		// SNI.
		{name: "no SNI", client: Client{Roots: roots}, host: api, want: logged(refused(TheServer, "alert: unrecognized name"), "handshake rejected")},
		{name: "wrong SNI", client: Client{SNI: "other.example", Roots: roots}, want: logged(refused(TheServer, "alert: unrecognized name"), "handshake rejected")},
		{name: "no SNI at a router", port: "router", client: Client{Roots: roots, Names: []string{api}}, host: api, want: refused(TheClient, "is for *.apps.example, not for api.partner.example")},
		{name: "no SNI at a router, unnoticed", port: "router", client: Client{Roots: roots}, host: "x.apps.example", want: served("apps.example", "NONE", "")},
		{name: "SNI of one, Host of another", client: Client{SNI: api, Roots: roots}, host: on, want: foretold{by: TheServer, status: 421, why: "421 Misdirected Request", server: api, verify: "NONE", log: "different from the one that was negotiated"}},
		{name: "SNI of one, Host of nobody", client: Client{SNI: api, Roots: roots}, host: "other.example", want: foretold{by: TheServer, status: 404, why: "no server of this port has the name other.example", verify: "NONE"}},

		// What the server thinks of the client.
		{name: "off, certificate at hand", client: Client{SNI: api, Roots: roots, Certificate: o.client}, want: served(api, "NONE", "")},
		{name: "optional, none", client: Client{SNI: optional, Roots: roots}, want: served(optional, "NONE", "")},
		{name: "optional, right", client: Client{SNI: optional, Roots: roots, Certificate: o.client}, want: served(optional, "SUCCESS", "CN=orders")},
		{name: "optional, of another CA", client: Client{SNI: optional, Roots: roots, Certificate: o.strange}, want: rejected(optional, "400 The SSL certificate error: unable to", "FAILED:unable to verify the first certificate", "CN=orders", "client SSL certificate verify error")},
		{name: "on, none", client: Client{SNI: on, Roots: roots}, want: rejected(on, "400 No required SSL certificate was sent", "NONE", "", "client sent no required SSL certificate")},
		{name: "on, right", client: Client{SNI: on, Roots: roots, Names: []string{on}, Certificate: o.client}, want: served(on, "SUCCESS", "CN=orders")},
		{name: "on, of another CA", client: Client{SNI: on, Roots: roots, Certificate: o.strange}, want: rejected(on, "400 The SSL certificate error: unable to", "FAILED:unable to verify the first certificate", "CN=orders", "client SSL certificate verify error")},
		{name: "on, expired", client: Client{SNI: on, Roots: roots, Certificate: o.expired}, want: rejected(on, "400 The SSL certificate error: certificate has expired", "FAILED:certificate has expired", "CN=late", "certificate has expired")},
		{name: "on, of a server", client: Client{SNI: on, Roots: roots, Certificate: o.serverOnly}, want: rejected(on, "unsuitable certificate purpose", "FAILED:unsuitable certificate purpose", "CN=server", "unsuitable certificate purpose")},
		{name: "on, with its chain", client: Client{SNI: on, Roots: roots, Certificate: o.belowClient}, want: served(on, "SUCCESS", "CN=below")},
		{name: "both refuse: the client is first", port: "strict", client: Client{SNI: api, Roots: roots}, want: refused(TheClient, "unknown authority")},
		{name: "same name on another port", port: "strict", client: Client{SNI: api, Roots: strangers, Names: []string{api}, Certificate: o.strange}, want: served(api, "SUCCESS", "CN=orders")},

		// In the mesh.
		{name: "mesh", port: "gateway", client: Client{SNI: gatewaySNI, Roots: o.mesh.PEM(), Names: []string{gatewayID}, Certificate: o.workload}, host: api, want: served(gatewaySNI, "SUCCESS", "")},
		{name: "mesh, cluster for SNI", port: "gateway", client: Client{SNI: clusterSNI, Roots: o.mesh.PEM(), Names: []string{gatewayID}, Certificate: o.workload}, host: api, want: served(gatewaySNI, "SUCCESS", "")},
		{name: "mesh, another identity", port: "gateway", client: Client{SNI: gatewaySNI, Roots: o.mesh.PEM(), Names: []string{gatewayID + "2"}, Certificate: o.workload}, host: api, want: refused(TheClient, "is for "+gatewayID+", not for")},
		{name: "mesh, identity in capitals", port: "gateway", client: Client{SNI: gatewaySNI, Roots: o.mesh.PEM(), Names: []string{strings.ToUpper(gatewayID)}, Certificate: o.workload}, host: api, want: refused(TheClient, "is for "+gatewayID+", not for")},
		{name: "mesh without certificate", port: "gateway", client: Client{SNI: gatewaySNI, Roots: o.mesh.PEM()}, host: api, want: rejected(gatewaySNI, "400 No required SSL certificate was sent", "NONE", "", "client sent no required SSL certificate")},
		{name: "mesh to the outside", client: Client{SNI: on, Roots: o.mesh.PEM(), Certificate: o.workload}, want: refused(TheClient, "unknown authority")},

		// TLS where there is none, and none where there is.
		{name: "plain", port: "plain", client: Client{Plain: true}, host: api, want: served(api, "", "")},
		{name: "plain into TLS", client: Client{Plain: true}, host: api, want: foretold{by: TheServer, status: 400, server: api, why: "400 The plain HTTP request was sent to HTTPS port", log: "client sent plain HTTP request to HTTPS port"}},
		{name: "TLS into plain", port: "plain", client: Client{SNI: api, Roots: roots}, want: foretold{by: TheServer, phase: Handshake, status: 400, why: "wrong version number: the server answers TLS with plain HTTP, 400 Bad Request", log: "client sent invalid method"}},
		{name: "TLS that the proxy lets pass", client: Client{Plain: true, Inner: &Client{SNI: on, Roots: roots, Certificate: o.client}}, host: on, want: served(on, "SUCCESS", "CN=orders")},
		{name: "TLS in TLS", client: Client{SNI: api, Roots: roots, Inner: &Client{SNI: api, Roots: roots}}, want: foretold{by: TheServer, phase: InnerHandshake, status: 400, why: "wrong version number: the server answers TLS with plain HTTP, 400 Bad Request", log: "client sent invalid method"}},
		{name: "TLS in TLS, the outer fails", client: Client{SNI: api, Roots: strangers, Inner: &Client{SNI: api, Roots: roots}}, want: refused(TheClient, "unknown authority")},
		{name: "TLS in TLS that wants a certificate", client: Client{SNI: on, Roots: roots, Inner: &Client{SNI: on, Certificate: o.client}}, want: foretold{by: TheServer, phase: InnerHandshake, status: 400, why: "wrong version number", log: "client sent invalid method"}},
		{name: "TLS in TLS into plain", port: "plain", client: Client{SNI: api, Inner: &Client{SNI: api}}, want: foretold{by: TheServer, phase: Handshake, status: 400, why: "wrong version number", log: "client sent invalid method"}},

		// ALPN and versions.
		{name: "h2 offered to HTTP/1.1", client: Client{SNI: api, ALPN: []string{"h2"}}, want: logged(refused(TheServer, "alert: no application protocol"), "SSL_do_handshake() failed")},
		{name: "either offered to HTTP/1.1", client: Client{SNI: api, ALPN: []string{"h2", "http/1.1"}}, want: foretold{server: api, verify: "NONE", alpn: "http/1.1"}},
		{name: "h2", port: "h2", client: Client{SNI: on, Roots: roots, Certificate: o.client, ALPN: []string{"h2", "http/1.1"}}, want: foretold{server: on, verify: "SUCCESS", subject: "CN=orders", alpn: "h2"}},
		{name: "h2 without certificate", port: "h2", client: Client{SNI: on, Roots: roots, ALPN: []string{"h2"}}, want: foretold{by: TheServer, status: 400, why: "400 No required SSL certificate was sent", server: on, verify: "NONE", alpn: "h2", log: "client sent no required SSL certificate"}},
		{name: "h2 not wanted", port: "h2", client: Client{SNI: on, Roots: roots, Certificate: o.client, ALPN: []string{"http/1.1"}}, want: foretold{server: on, verify: "SUCCESS", subject: "CN=orders", alpn: "http/1.1"}},
		{name: "ALPN of the mesh", client: Client{SNI: api, ALPN: []string{"istio-peer-exchange", "istio"}}, want: logged(refused(TheServer, "alert: no application protocol"), "SSL_do_handshake() failed")},
		{name: "too old for the server", port: "1.3", client: Client{SNI: api, MaxVersion: tls.VersionTLS12}, want: logged(refused(TheServer, "alert: protocol version not supported"), "SSL_do_handshake() failed")},
		{name: "1.3 alone", port: "1.3", client: Client{SNI: api, Roots: roots, MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS13}, want: served(api, "NONE", "")},
	}
}

// versioned gives a client, and all inside of it, a version where it has none.
func versioned(client Client, version uint16) Client {
	if client.Inner != nil {
		inner := versioned(*client.Inner, version)
		client.Inner = &inner
	}
	if client.MaxVersion == 0 && !client.Plain {
		client.MinVersion, client.MaxVersion = version, version
	}
	return client
}

func (c call) request() Request {
	if c.host != "" {
		return Request{Host: c.host}
	}
	return Request{Host: c.client.SNI}
}

// each runs every call of the table, in each version that it is for.
func (o *outside) each(t *testing.T, run func(t *testing.T, c call)) {
	for _, c := range o.calls() {
		if c.port == "" {
			c.port = "tls"
		}
		versions := []uint16{tls.VersionTLS12, tls.VersionTLS13}
		if c.client.MaxVersion != 0 {
			versions = []uint16{c.client.MaxVersion}
		}
		for _, version := range versions {
			at := c
			at.client = versioned(c.client, version)
			t.Run(c.name+"/"+tls.VersionName(version), func(t *testing.T) { run(t, at) })
		}
	}
}

// TestTry holds every call of the table to what was foretold.
func TestTry(t *testing.T) {
	o := newOutside(t)
	o.each(t, func(t *testing.T, c call) {
		before := time.Now()
		got, err := o.Try(t.Context(), c.port, c.client, c.request())
		took := time.Since(before)
		if err != nil {
			t.Fatal(err)
		}
		faults := append(c.want.compare(got), c.invariants(got)...)
		for _, fault := range faults {
			t.Error(fault)
		}
		tally.Lock()
		defer tally.Unlock()
		tally.took = append(tally.took, took)
		if len(faults) == 0 {
			tally.asForetold++
		}
	})
}

// invariants lists in what a result contradicts the call, whatever was foretold.
func (c call) invariants(got Result) []string {
	var faults []string
	inner := c.client.innermost()
	if got.Seen.Server != "" && !inner.Plain && got.Seen.SNI != inner.SNI {
		faults = append(faults, fmt.Sprintf("SNI: %q, sent %q", got.Seen.SNI, inner.SNI))
	}
	if got.Seen.ClientVerify == "SUCCESS" && got.Seen.ClientSerial != inner.Certificate.Serial {
		faults = append(faults, fmt.Sprintf("serial: %q, shown %q", got.Seen.ClientSerial, inner.Certificate.Serial))
	}
	if want := tls.VersionName(c.client.MaxVersion); got.Phase == HTTP && !c.client.Plain && got.Version != want {
		faults = append(faults, fmt.Sprintf("version: %q, wanted %q", got.Version, want))
	}
	return faults
}

// TestCompareCanFail: the table sees whatever a result has otherwise.
func TestCompareCanFail(t *testing.T) {
	good := Result{
		RefusedBy: TheServer, Why: "400 The SSL certificate error: expired", Phase: HTTP, Status: 400, Version: "TLS 1.3", ALPN: "h2",
		Seen:      Seen{Server: "a", SNI: "a", ClientVerify: "FAILED:expired", ClientSubject: "CN=b"},
		ServerLog: "certificate has expired",
	}
	want := foretold{by: TheServer, why: "certificate error", log: "has expired", status: 400, server: "a", verify: "FAILED:expired", subject: "CN=b", alpn: "h2"}
	c := call{client: Client{SNI: "a", MaxVersion: tls.VersionTLS13}}
	faults := func(got Result) int { return len(want.compare(got)) + len(c.invariants(got)) }
	if faults(good) != 0 {
		t.Fatalf("the good one: %v %v", want.compare(good), c.invariants(good))
	}
	for name, spoil := range map[string]func(*Result){
		"ok":      func(r *Result) { r.OK = true },
		"by":      func(r *Result) { r.RefusedBy = TheClient },
		"why":     func(r *Result) { r.Why = "something else" },
		"phase":   func(r *Result) { r.Phase = Handshake },
		"status":  func(r *Result) { r.Status = 403 },
		"version": func(r *Result) { r.Version = "TLS 1.2" },
		"alpn":    func(r *Result) { r.ALPN = "" },
		"server":  func(r *Result) { r.Seen.Server = "b" },
		"sni":     func(r *Result) { r.Seen.SNI = "" },
		"verify":  func(r *Result) { r.Seen.ClientVerify = "NONE" },
		"subject": func(r *Result) { r.Seen.ClientSubject = "CN=c" },
		"log":     func(r *Result) { r.ServerLog = "" },
	} {
		bad := good
		spoil(&bad)
		if faults(bad) == 0 {
			t.Errorf("%s: not seen", name)
		}
	}
}

// TestConcurrent: calls at the same time are told apart, in the answers and in the log.
func TestConcurrent(t *testing.T) {
	o := newOutside(t)
	calls := o.calls()
	var group sync.WaitGroup
	for i := range 4 * len(calls) {
		c := calls[i%len(calls)]
		port, client := cmp.Or(c.port, "tls"), versioned(c.client, tls.VersionTLS13)
		group.Go(func() {
			got, err := o.Try(t.Context(), port, client, c.request())
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				return
			}
			for _, fault := range c.want.compare(got) {
				t.Errorf("%s: %s", c.name, fault)
			}
		})
	}
	group.Wait()
}

// TestServersThatAreNotNginx: refusals that nginx does not make, but gateways and other servers do.
func TestServersThatAreNotNginx(t *testing.T) {
	authority := must(NewAuthority("partner"))
	certificate := must(authority.Issue(Leaf{DNS: []string{"api.partner.example"}}))
	pair := must(tls.X509KeyPair(certificate.CertPEM, certificate.KeyPEM))
	strict := func(version uint16) func(net.Conn) {
		return func(conn net.Conn) {
			secured := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, MaxVersion: version})
			_ = secured.Handshake()
		}
	}
	listens := func(conn net.Conn) { _, _ = conn.Read(make([]byte, 4096)) }
	client := Client{SNI: "api.partner.example", MaxVersion: tls.VersionTLS13}
	stranger := must(must(NewAuthority("stranger")).Issue(Leaf{CommonName: "stranger"}))
	shown := client
	shown.Certificate = &stranger
	for name, c := range map[string]struct {
		server func(net.Conn)
		client Client
		want   Result
	}{
		"wants a certificate, 1.3":  {strict(tls.VersionTLS13), client, Result{RefusedBy: TheServer, Phase: Handshake, Why: "alert: certificate required"}},
		"wants a certificate, 1.2":  {strict(tls.VersionTLS12), client, Result{RefusedBy: TheServer, Phase: Handshake, Why: "alert: handshake failure"}},
		"wants another one, 1.3":    {strict(tls.VersionTLS13), shown, Result{RefusedBy: TheServer, Phase: Handshake, Why: "alert: unknown certificate authority"}},
		"wants another one, 1.2":    {strict(tls.VersionTLS12), shown, Result{RefusedBy: TheServer, Phase: Handshake, Why: "alert: unknown certificate authority"}},
		"hangs up":                  {func(net.Conn) {}, client, Result{RefusedBy: TheServer, Phase: Handshake, Why: "without a word"}},
		"hangs up after listening":  {listens, client, Result{RefusedBy: TheServer, Phase: Handshake, Why: "without a word"}},
		"hangs up on plain HTTP":    {listens, Client{Plain: true}, Result{RefusedBy: TheServer, Phase: HTTP, Why: "without a word"}},
		"speaks something else":     {func(conn net.Conn) { listens(conn); fmt.Fprint(conn, "220 mail.example ESMTP\r\n") }, client, Result{RefusedBy: TheServer, Phase: Handshake, Why: "220 mail.example ESMTP"}},
		"answers plain HTTP in TLS": {func(conn net.Conn) { listens(conn); _, _ = conn.Write([]byte{21, 3, 1, 0, 2, 2, 70, '\r', '\n'}) }, Client{Plain: true}, Result{RefusedBy: TheClient, Phase: HTTP, Why: "malformed HTTP"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := try(t.Context(), net.Dialer{}, serve(t, c.server), c.client, Request{}, "")
			if err != nil {
				t.Fatal(err)
			}
			if got.RefusedBy != c.want.RefusedBy || got.Phase != c.want.Phase || !strings.Contains(got.Why, c.want.Why) || got.OK {
				t.Errorf("got %+v, foretold %+v", got, c.want)
			}
		})
	}
}

// serve accepts one call after the other and closes each when it has been served.
func serve(t *testing.T, one func(net.Conn)) string {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			one(conn)
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

// TestNoAnswer: nobody refuses where nobody answers.
func TestNoAnswer(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	address := serve(t, func(net.Conn) { <-hold })
	for phase, client := range map[Phase]Client{Handshake: {}, HTTP: {Plain: true}} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		got, err := try(ctx, net.Dialer{}, address, client, Request{}, "")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer in the "+string(phase)) || got != (Result{}) {
			t.Errorf("%s: %+v, %v", phase, got, err)
		}
	}
}

// TestNotTried: what Envoy would not take for a configuration, and what we cannot do, is an error and no refusal.
func TestNotTried(t *testing.T) {
	authority := must(NewAuthority("partner"))
	one, other := must(authority.Issue(Leaf{})), must(authority.Issue(Leaf{}))
	mixed := Certificate{CertPEM: one.CertPEM, KeyPEM: other.KeyPEM}
	for want, c := range map[string]struct {
		Client
		Request
	}{
		"client: plain, and yet":                  {Client: Client{Plain: true, SNI: "a.example"}},
		"client.Inner: plain, and yet":            {Client: Client{Inner: &Client{Plain: true, ALPN: []string{"h2"}}}},
		"names without roots":                     {Client: Client{Names: []string{"a.example"}}},
		"roots: no certificate":                   {Client: Client{Roots: []byte("none")}},
		"certificate: tls: private key":           {Client: Client{Certificate: &mixed}},
		`SNI "192.0.2.1"`:                         {Client: Client{SNI: "192.0.2.1"}},
		`SNI "a.example."`:                        {Client: Client{SNI: "a.example."}},
		"the host of the request, which has none": {Client: Client{AutoName: true}},
		"at least TLS 1.3, at most TLS 1.2":       {Client: Client{MinVersion: tls.VersionTLS13}},
		"invalid URI for request":                 {Request: Request{Path: "no slash"}},
		`"a.example\r\nX: y" is not a host`:       {Request: Request{Host: "a.example\r\nX: y"}},
		"connect: connection refused":             {},
	} {
		got, err := try(t.Context(), net.Dialer{}, "127.0.0.1:1", c.Client, c.Request, c.Host)
		if err == nil || !strings.Contains(err.Error(), want) || got != (Result{}) {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
}

func firstOf(certificates []byte) []byte {
	block, _ := pem.Decode(certificates)
	return pem.EncodeToMemory(block)
}
