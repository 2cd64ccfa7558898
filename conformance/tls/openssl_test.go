package handshake

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// outcome is what can be compared with another client: who refused, and the status of an answer in HTTP.
type outcome struct {
	by     Side
	status int
}

// TestOpenSSLAgrees asks for a second opinion on every call of the table that s_client can make.
func TestOpenSSLAgrees(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Fatal("openssl is not on the PATH: apt-get install openssl")
	}
	o := newOutside(t)
	o.each(t, func(t *testing.T, c call) {
		arguments, ok := c.openssl(t.TempDir())
		if !ok {
			return
		}
		t.Parallel()
		want := outcome{c.want.by, c.want.status}
		if c.want.phase == Handshake {
			want.status = 0
		} else if want.by == "" {
			want.status = 200
		}
		header := c.request().Host
		if o.sniOnly[c.port] {
			header = c.client.SNI
		}
		got, output := openssl(t, append(arguments, "-connect", o.Address(c.port)), header)
		agreed := got == want
		if agreed != (c.apart == "") {
			t.Errorf("openssl %s: %+v, foretold %+v; known to differ: %q\n%s", strings.Join(arguments, " "), got, want, c.apart, output)
		}
		tally.Lock()
		defer tally.Unlock()
		tally.openssl++
		if !agreed {
			tally.apart++
		}
	})
}

// openssl are the arguments of s_client for a call, if it can make that: it has one TLS only, knows no names but DNS and
// IP addresses, no more than one of them, and speaks no h2.
func (c call) openssl(dir string) (arguments []string, ok bool) {
	client := c.client
	names := client.Names
	if client.AutoName {
		host := c.request().Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		names = append(names, host)
	}
	if client.Plain || client.Inner != nil || len(names) > 1 || strings.Contains(strings.Join(names, ""), "://") || c.want.alpn == "h2" {
		return nil, false
	}
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			panic(err)
		}
		return path
	}
	// Envoy takes any certificate it trusts for the end of a chain.
	arguments = []string{"s_client", "-quiet", "-partial_chain", "-no-CApath", "-no-CAstore"}
	if client.SNI == "" {
		arguments = append(arguments, "-noservername")
	} else {
		arguments = append(arguments, "-servername", client.SNI)
	}
	if client.Roots == nil {
		arguments = append(arguments, "-no-CAfile")
	} else {
		arguments = append(arguments, "-verify_return_error", "-CAfile", file("roots.pem", client.Roots))
	}
	for _, name := range names {
		if net.ParseIP(name) != nil {
			arguments = append(arguments, "-verify_ip", name)
		} else {
			arguments = append(arguments, "-verify_hostname", name)
		}
	}
	if shown := client.Certificate; shown != nil {
		arguments = append(arguments, "-cert", file("client.pem", shown.CertPEM), "-cert_chain", file("chain.pem", shown.CertPEM), "-key", file("client.key", shown.KeyPEM))
	}
	if len(client.ALPN) > 0 {
		arguments = append(arguments, "-alpn", strings.Join(client.ALPN, ","))
	}
	if client.MaxVersion == tls.VersionTLS12 {
		return append(arguments, "-tls1_2"), true
	}
	return append(arguments, "-tls1_3"), true
}

var status = regexp.MustCompile(`(?m)^HTTP/1\.1 (\d+) `)

// openssl makes a call and reads from its output how it went.
func openssl(t *testing.T, arguments []string, host string) (outcome, string) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "openssl", arguments...)
	command.Stdin = strings.NewReader("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
	// Its status says nothing that its output does not.
	combined, _ := command.CombinedOutput()
	output := string(combined)
	var got outcome
	switch match := status.FindStringSubmatch(output); {
	case match != nil:
		fmt.Sscan(match[1], &got.status)
		if got.status != 200 {
			got.by = TheServer
		}
	case strings.Contains(output, "certificate verify failed"):
		got.by = TheClient
	case strings.Contains(output, "SSL alert number"), strings.Contains(output, "wrong version number"):
		got.by = TheServer
	default:
		got.by = "nobody knows"
	}
	return got, output
}
