package issued

import (
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

var secretName = regexp.MustCompile(`^secret ([^/]+)/(.+)$`)

// client is what the sender of a hop does.
func (c *cell) client(t testing.TB, h hop) handshake.Client {
	t.Helper()
	client := handshake.Client{SNI: h.Wire.SNI, Names: h.Verify.Server.Names}
	if h.Wire.Mode == "application" {
		// Somebody outside is given the CA of the store, and verifies the name that it calls, as curl does; the sample client
		// does so with the file that its command names.
		client.Names = []string{h.Wire.SNI}
		if h.Workload == "" {
			client.Roots = c.trust(t)
			if h.Verify.Client.Credential != "" {
				client.Certificate = c.caller(t)
			}
			return client
		}
		client.Roots = c.sampleCA(t, h.Workload)
		return client
	}
	namespace, workload, _ := strings.Cut(h.Workload, "/")
	ca, credential := h.Verify.Server.CA, h.Verify.Client.Credential
	if at, isFile := strings.CutPrefix(ca, "file "); isFile {
		client.Roots = c.bundle.sidecarFile(t, namespace, workload, at)
	} else if m := secretName.FindStringSubmatch(ca); m != nil {
		client.Roots = c.bundle.rootOf(t, m[1], m[2])
	}
	if client.Roots == nil {
		t.Fatalf("%s: %s verifies by %q, and there is no CA", c.title, h.Workload, ca)
	}
	if at, isFile := strings.CutPrefix(credential, "file "); isFile {
		shown := handshake.Certificate{
			CertPEM: c.bundle.sidecarFile(t, namespace, workload, at),
			KeyPEM:  c.bundle.sidecarFile(t, namespace, workload, c.bundle.keyFile(t, at)),
		}
		if len(shown.CertPEM)+len(shown.KeyPEM) > 0 {
			client.Certificate = &shown
		}
	} else if m := secretName.FindStringSubmatch(credential); m != nil {
		client.Certificate = c.bundle.pairOf(t, m[1], m[2])
	} else if credential != "" {
		t.Fatalf("%s: %s shows %q: where is that?", c.title, h.Workload, credential)
	}
	return client
}

// gateway is the server that a gateway's listener is.
func (c *cell) gateway(t testing.TB, end *termination) handshake.Server {
	t.Helper()
	server := handshake.Server{Names: end.ServerNames, ClientOptional: end.ClientCA != "" && !end.Required}
	m := secretName.FindStringSubmatch(end.Credential)
	if m == nil {
		t.Fatalf("%s: a gateway shows %q: where is that?", c.title, end.Credential)
	}
	server.Certificate = c.bundle.pairOf(t, m[1], m[2])
	if server.Certificate == nil {
		t.Fatalf("%s: %s has no certificate with its key", c.title, end.Credential)
	}
	if m := secretName.FindStringSubmatch(end.ClientCA); m != nil {
		if server.ClientCA = c.bundle.rootOf(t, m[1], m[2]); server.ClientCA == nil {
			t.Fatalf("%s: %s has no CA", c.title, end.ClientCA)
		}
	}
	return server
}

// The sample service of passthrough is nginx, and its configuration is in a ConfigMap of its name.
var certificateFile = regexp.MustCompile(`ssl_certificate ([^;]+);\s*ssl_certificate_key ([^;]+);`)

// application is the server that a sample service is which ends TLS by itself.
func (c *cell) application(t testing.TB, x crossing) handshake.Server {
	t.Helper()
	namespace, name, _ := strings.Cut(x.last.Workload, "/")
	conf := c.bundle.object("ConfigMap", namespace, name)
	if conf == nil {
		t.Fatalf("%s: no ConfigMap %s/%s tells how the sample service ends TLS", c.title, namespace, name)
	}
	m := certificateFile.FindStringSubmatch(strings.Join(slices.Collect(maps.Values(conf.Data)), "\n"))
	if m == nil {
		t.Fatalf("%s: the sample service's configuration names no certificate: %s", c.title, conf.Data)
	}
	return handshake.Server{Names: []string{x.sender.Wire.SNI}, Certificate: &handshake.Certificate{
		CertPEM: c.bundle.applicationFile(t, namespace, name, m[1]),
		KeyPEM:  c.bundle.applicationFile(t, namespace, name, m[2]),
	}}
}

var caFile = regexp.MustCompile(`--cacert (\S+)`)

// sampleCA is the file by which the sample client verifies, as its command says.
func (c *cell) sampleCA(t testing.TB, workload string) []byte {
	t.Helper()
	namespace, name, _ := strings.Cut(workload, "/")
	for _, container := range c.bundle.pod(t, namespace, name).Spec.Containers {
		if m := caFile.FindStringSubmatch(strings.Join(container.Command, " ")); m != nil {
			return c.bundle.applicationFile(t, namespace, name, m[1])
		}
	}
	t.Fatalf("%s: the command of %s names no CA", c.title, workload)
	return nil
}

// outside is the service outside that the bundle has no side for: whoever runs it has a certificate for the name that the hop
// verifies, of the store's CA unless a partner has one, and asks for one of the store's where the hop shows one.
func (c *cell) outside(t testing.TB, sender hop) handshake.Server {
	t.Helper()
	server := handshake.Server{Names: []string{sender.Wire.SNI}}
	if sender.Wire.Mode == "mutual" {
		server.ClientCA = c.trust(t)
	}
	names := sender.Verify.Server.Names
	if len(names) == 0 { // an application verifies what it calls
		names = server.Names
	}
	if c.partner != nil {
		made := must(c.partner.Issue(handshake.Leaf{DNS: names}))
		server.Certificate = &made
		return server
	}
	name := "outside." + sender.Wire.SNI
	args := []string{"certs", "issue", name, "--server", "--pki", c.pki}
	for _, n := range names {
		args = append(args, kindOf(n), n)
	}
	tested.does(t, args...)
	server.Certificate = c.issued(t, name)
	return server
}

// kindOf is the flag of certs issue for a name.
func kindOf(name string) string {
	if net.ParseIP(name) != nil {
		return "--ip"
	}
	if strings.Contains(name, "://") {
		return "--uri"
	}
	return "--dns"
}
