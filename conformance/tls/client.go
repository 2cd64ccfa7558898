package handshake

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Client is the side of a hop that calls: a proxy, as the TLS context of its cluster says it, or an application that
// does its own TLS. The zero value does TLS, sends no name, and believes any server.
type Client struct {
	// Plain sends no TLS. Of the other fields, only Inner may be set: the TLS of an application that the proxy lets pass.
	Plain bool
	// SNI is the name the client asks the server for; "" sends none. With auto_sni that is the host of the request,
	// and none for an IP address: the caller says it here.
	SNI string
	// Roots are the certificates, as PEM, to one of which the server's must lead. A root need not be self-signed.
	// Nil: the server's certificate is not verified, not even whether it has expired.
	Roots []byte
	// Names are exact matchers of subject alternative names, DNS names, URIs or IP addresses: the server must have one
	// of them. Empty: any server that Roots vouch for will do. Envoy refuses to be given names without roots.
	Names []string
	// AutoName is auto_san_validation: the server must have the host of the request for a name. It comes on top of
	// Names, and holds without Roots too.
	AutoName bool
	// Certificate is shown to a server that asks for one, whichever authorities it says it accepts.
	Certificate *Certificate
	// ALPN are the protocols offered. Envoy as a server lets a client pass that offers nothing it knows; nginx refuses
	// it. Where nginx stands for a gateway of a mesh, offer http/1.1 or h2, or nothing.
	ALPN []string
	// MinVersion and MaxVersion are numbers of crypto/tls; 0 is what Envoy has for clients by default: TLS 1.2.
	MinVersion, MaxVersion uint16
	// Inner is TLS inside of this: that of an application whose bytes a proxy wraps once more.
	Inner *Client
}

// layers checks the client and all inside of it: the TLS to do, the outermost first. A plain client has none of its own.
func (c *Client) layers(host string) ([]*tls.Config, error) {
	var layers []*tls.Config
	for at, path := c, "client"; at != nil; at, path = at.Inner, path+".Inner" {
		if at.Plain {
			if at.SNI != "" || at.Roots != nil || at.Names != nil || at.AutoName || at.Certificate != nil || at.ALPN != nil {
				return nil, fmt.Errorf("%s: plain, and yet it says how to do TLS", path)
			}
			continue
		}
		config, err := at.config(host)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		layers = append(layers, config)
	}
	return layers, nil
}

// innermost is the client that the server talks to in the end.
func (c *Client) innermost() *Client {
	for c.Inner != nil {
		c = c.Inner
	}
	return c
}

func (c *Client) config(host string) (*tls.Config, error) {
	if net.ParseIP(c.SNI) != nil || strings.HasSuffix(c.SNI, ".") {
		return nil, fmt.Errorf("SNI %q: crypto/tls does not send IP addresses and final dots, which Envoy does", c.SNI)
	}
	verify, err := c.verifier(host)
	if err != nil {
		return nil, err
	}
	shown := &tls.Certificate{}
	if c.Certificate != nil {
		pair, err := tls.X509KeyPair(c.Certificate.CertPEM, c.Certificate.KeyPEM)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		shown = &pair
	}
	config := &tls.Config{
		ServerName: c.SNI,
		NextProtos: c.ALPN,
		MinVersion: c.MinVersion,
		MaxVersion: c.MaxVersion,
		// Envoy's, and a ClientHello that fits in one packet.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256},
		// crypto/tls would check SNI against the certificate, which Envoy does not do: verify has all there is to check.
		InsecureSkipVerify:   true,
		VerifyConnection:     verify,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return shown, nil },
	}
	if config.MinVersion == 0 {
		config.MinVersion = tls.VersionTLS12
	}
	if config.MaxVersion == 0 {
		config.MaxVersion = tls.VersionTLS12
	}
	if config.MaxVersion < config.MinVersion {
		return nil, fmt.Errorf("at least %s, at most %s", tls.VersionName(config.MinVersion), tls.VersionName(config.MaxVersion))
	}
	return config, nil
}

// verifier is how the client judges a server: first the chain, then the names, as Envoy does it.
func (c *Client) verifier(host string) (func(tls.ConnectionState) error, error) {
	var roots *x509.CertPool
	if c.Roots != nil {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(c.Roots) {
			return nil, errors.New("roots: no certificate in them")
		}
	}
	if roots == nil && len(c.Names) > 0 {
		return nil, errors.New("names without roots: Envoy does not take such a configuration")
	}
	if c.AutoName && host == "" {
		return nil, errors.New("the name to verify is the host of the request, which has none")
	}
	return func(state tls.ConnectionState) error {
		// Without a certificate crypto/tls has not come this far.
		leaf := state.PeerCertificates[0]
		if roots != nil {
			intermediates := x509.NewCertPool()
			for _, certificate := range state.PeerCertificates[1:] {
				intermediates.AddCert(certificate)
			}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates}); err != nil {
				return err
			}
		}
		if c.AutoName && !answersTo(leaf, []string{host}) {
			return nameError(leaf, []string{host})
		}
		if len(c.Names) > 0 && !answersTo(leaf, c.Names) {
			return nameError(leaf, c.Names)
		}
		return nil
	}, nil
}

func nameError(certificate *x509.Certificate, wanted []string) error {
	has := slices.Concat(certificate.DNSNames, otherNames(certificate))
	if len(has) == 0 {
		return fmt.Errorf("the certificate is for no name, not for %s", strings.Join(wanted, " or "))
	}
	return fmt.Errorf("the certificate is for %s, not for %s", strings.Join(has, ", "), strings.Join(wanted, " or "))
}
