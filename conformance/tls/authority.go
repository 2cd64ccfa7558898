package handshake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
	"time"
)

// Authority is a certificate authority that lives as long as the test does.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	// chain is what a server has to send along so that the root is reached: nothing for a root.
	chain []byte
}

// NewAuthority makes a root that calls itself by that name. Two of the same name are different authorities.
func NewAuthority(name string) (*Authority, error) {
	return newAuthority(name, nil)
}

// Subordinate makes an authority below this one. What it issues comes with the certificates that lead up to the root.
func (a *Authority) Subordinate(name string) (*Authority, error) {
	return newAuthority(name, a)
}

func newAuthority(name string, above *Authority) (*Authority, error) {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, key, err := sign(template, above)
	if err != nil {
		return nil, fmt.Errorf("authority %q: %w", name, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("authority %q: %w", name, err)
	}
	made := &Authority{certificate: certificate, key: key}
	if above != nil {
		made.chain = append(made.PEM(), above.chain...)
	}
	return made, nil
}

// PEM is the authority's own certificate: what those have to hold who trust it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// KeyPEM is the authority's private key, as PKCS #8.
func (a *Authority) KeyPEM() ([]byte, error) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("authority %q: %w", a.certificate.Subject.CommonName, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

// ReadAuthority makes an authority of the PEM of its certificate and of its key, on an elliptic curve: what it issues looks as
// if whoever has the key had issued it.
func ReadAuthority(certificate, key []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	private, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("authority %q: its key is a %T", pair.Leaf.Subject.CommonName, pair.PrivateKey)
	}
	return &Authority{certificate: pair.Leaf, key: private}, nil
}

// Leaf is what a certificate is to say. Its zero value is a certificate without any name, good for both sides of TLS,
// from an hour ago until a day from now.
type Leaf struct {
	// CommonName is for people: neither Envoy nor we take it for the name of a server.
	CommonName string
	// DNS, URIs and IPs are the subject alternative names. A DNS name may begin with "*.".
	DNS, URIs, IPs []string
	// NotBefore and NotAfter, where they are not zero.
	NotBefore, NotAfter time.Time
	// Usages are what the key may be used for; nil: for servers and for clients.
	Usages []x509.ExtKeyUsage
}

// Certificate is a certificate with its private key.
type Certificate struct {
	// CertPEM begins with the certificate itself; those follow that lead to the root, without the root.
	CertPEM []byte
	KeyPEM  []byte
	// Serial is the certificate's number as nginx writes it, in hexadecimal: a certificate without a subject, such as
	// those of a mesh, is recognised by it.
	Serial string
}

// Issue makes a key on P-256 and a certificate for it.
func (a *Authority) Issue(leaf Leaf) (Certificate, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: leaf.CommonName},
		DNSNames:    leaf.DNS,
		NotBefore:   leaf.NotBefore,
		NotAfter:    leaf.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: leaf.Usages,
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(24 * time.Hour)
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
		if !template.NotBefore.Before(template.NotAfter) {
			template.NotBefore = template.NotAfter.Add(-time.Hour)
		}
	}
	if leaf.Usages == nil {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	for _, text := range leaf.URIs {
		uri, err := url.Parse(text)
		if err != nil {
			return Certificate{}, fmt.Errorf("certificate: %w", err)
		}
		template.URIs = append(template.URIs, uri)
	}
	for _, text := range leaf.IPs {
		ip := net.ParseIP(text)
		if ip == nil {
			return Certificate{}, fmt.Errorf("certificate: %q is not an IP address", text)
		}
		template.IPAddresses = append(template.IPAddresses, ip)
	}
	der, key, err := sign(template, a)
	if err != nil {
		return Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	return Certificate{
		CertPEM: append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), a.chain...),
		KeyPEM:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		Serial:  strings.ToUpper(fmt.Sprintf("%x", template.SerialNumber.Bytes())),
	}, nil
}

// sign completes the template with a number and a new key, and signs it: by the authority, or by itself without one.
func sign(template *x509.Certificate, by *Authority) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	// 127 bits, so that the number is positive in 16 bytes.
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, nil, err
	}
	parent, parentKey := template, key
	if by != nil {
		parent, parentKey = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	return der, key, err
}
