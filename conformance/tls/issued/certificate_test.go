package issued

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// leaf reads the first certificate of a chain; nil where there is none.
func leaf(c *handshake.Certificate) *x509.Certificate {
	if c == nil {
		return nil
	}
	block, _ := pem.Decode(c.CertPEM)
	if block == nil {
		return nil
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return parsed
}

// serial is a certificate's number as nginx writes it.
func serial(c *handshake.Certificate) string {
	l := leaf(c)
	if l == nil {
		return ""
	}
	return strings.ToUpper(fmt.Sprintf("%x", l.SerialNumber.Bytes()))
}

// namesIn are the DNS names and URIs of a certificate.
func namesIn(c *handshake.Certificate) []string {
	l := leaf(c)
	if l == nil {
		return nil
	}
	names := slices.Clone(l.DNSNames)
	for _, uri := range l.URIs {
		names = append(names, uri.String())
	}
	return names
}
