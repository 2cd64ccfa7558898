package handshake

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// An Opinion is how a call went by another client than ours.
type Opinion struct {
	// RefusedBy is who ended it; "" is nobody.
	RefusedBy Side
	// Status of the answer in HTTP; 0 without one.
	Status int
	// Output is what the client printed. No private key is in it.
	Output string
}

// ErrCannot is the error of a client that has no way to make a call.
var ErrCannot = errors.New("this client cannot make such a call")

// OpenSSL makes a call by openssl s_client, as near to [Nginx.Try] as that comes: its Host is the Host header. It has one
// layer of TLS, knows no more than one name, which is a DNS name or an address, and can read no answer in HTTP/2; of all but
// the last the error is [ErrCannot]. What it needs as files goes into dir, where private keys are readable by their owner
// alone.
func OpenSSL(ctx context.Context, dir, address string, client Client, request Request) (Opinion, error) {
	arguments, err := client.openssl(dir, request)
	if err != nil {
		return Opinion{}, fmt.Errorf("openssl: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, "openssl", append(arguments, "-connect", address)...)
	command.Stdin = strings.NewReader("GET / HTTP/1.1\r\nHost: " + request.Host + "\r\nConnection: close\r\n\r\n")
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return Opinion{}, fmt.Errorf("openssl: %w", errors.Join(err, ctx.Err()))
	}
	// Its status says nothing that its output does not.
	o := Opinion{Output: string(output)}
	switch match := status.FindStringSubmatch(o.Output); {
	case match != nil:
		fmt.Sscan(match[1], &o.Status)
		if o.Status != 200 {
			o.RefusedBy = TheServer
		}
	case strings.Contains(o.Output, "certificate verify failed"):
		o.RefusedBy = TheClient
	case strings.Contains(o.Output, "SSL alert number"), strings.Contains(o.Output, "wrong version number"):
		o.RefusedBy = TheServer
	default:
		return o, fmt.Errorf("openssl %s: nobody knows what it says: %s", strings.Join(arguments, " "), output)
	}
	return o, nil
}

var status = regexp.MustCompile(`(?m)^HTTP/1\.1 (\d+) `)

// openssl are the arguments of s_client for a call.
func (c *Client) openssl(dir string, request Request) ([]string, error) {
	names := c.Names
	if c.AutoName {
		host := request.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		names = append(names[:len(names):len(names)], host)
	}
	if c.Plain || c.Inner != nil || len(names) > 1 || strings.Contains(strings.Join(names, ""), "://") {
		return nil, ErrCannot
	}
	// Envoy takes any certificate it trusts for the end of a chain.
	arguments := []string{"s_client", "-quiet", "-partial_chain", "-no-CApath", "-no-CAstore"}
	if c.SNI == "" {
		arguments = append(arguments, "-noservername")
	} else {
		arguments = append(arguments, "-servername", c.SNI)
	}
	for _, name := range names {
		if net.ParseIP(name) != nil {
			arguments = append(arguments, "-verify_ip", name)
		} else {
			arguments = append(arguments, "-verify_hostname", name)
		}
	}
	files := map[string][]byte{}
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		files[path] = content
		return path
	}
	if c.Roots == nil {
		arguments = append(arguments, "-no-CAfile")
	} else {
		arguments = append(arguments, "-verify_return_error", "-CAfile", file("roots.pem", c.Roots))
	}
	if shown := c.Certificate; shown != nil {
		arguments = append(arguments, "-cert", file("client.pem", shown.CertPEM), "-cert_chain", file("chain.pem", shown.CertPEM), "-key", file("client.key", shown.KeyPEM))
	}
	if len(c.ALPN) > 0 {
		arguments = append(arguments, "-alpn", strings.Join(c.ALPN, ","))
	}
	version := "-tls1_3"
	if c.MaxVersion == tls.VersionTLS12 || c.MaxVersion == 0 {
		version = "-tls1_2"
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
	}
	return append(arguments, version), nil
}
