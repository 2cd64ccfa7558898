// Package pkitest makes certificate material for tests, while they run: no private key is ever written to the repository.
// It panics where it cannot, because no input of a user's is in it.
package pkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// A Pair is a certificate with its private key, and who issued it.
type Pair struct {
	*x509.Certificate
	Key    crypto.Signer
	Issuer *Pair // nil for a root
}

// A Template is a certificate before it is signed. Without a Key it gets a new one on P-256.
type Template struct {
	x509.Certificate
	Key crypto.Signer
}

// An Edit changes a template.
type Edit func(*Template)

// Root makes a CA that signs itself, valid from a day ago for ten years.
func Root(name string, edits ...Edit) *Pair { return issue(nil, ca(name, 10*365), edits) }

// CA makes a CA below another, valid for five years.
func (p *Pair) CA(name string, edits ...Edit) *Pair { return issue(p, ca(name, 5*365), edits) }

// Leaf makes a certificate for both sides of TLS with these DNS names, valid from a day ago for ninety.
func (p *Pair) Leaf(names []string, edits ...Edit) *Pair {
	t := template("", 90)
	if len(names) > 0 {
		t.Subject.CommonName = names[0]
	}
	t.DNSNames = names
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	return issue(p, t, edits)
}

func template(name string, days int) Template {
	t := Template{Certificate: x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().AddDate(0, 0, days),
		BasicConstraintsValid: true,
	}}
	t.SerialNumber = must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)))
	return t
}

func ca(name string, days int) Template {
	t := template(name, days)
	t.IsCA, t.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	return t
}

func issue(by *Pair, t Template, edits []Edit) *Pair {
	for _, edit := range edits {
		edit(&t)
	}
	if t.Key == nil {
		t.Key = EC(elliptic.P256())
	}
	parent, signer := &t.Certificate, t.Key
	if by != nil {
		parent, signer = by.Certificate, by.Key
	}
	der := must(x509.CreateCertificate(rand.Reader, &t.Certificate, parent, t.Key.Public(), signer))
	return &Pair{must(x509.ParseCertificate(der)), t.Key, by}
}

// EC makes a private key on a curve.
func EC(curve elliptic.Curve) crypto.Signer { return must(ecdsa.GenerateKey(curve, rand.Reader)) }

// RSA makes a private key of that many bits.
func RSA(bits int) crypto.Signer { return must(rsa.GenerateKey(rand.Reader, bits)) }

// PEM is the certificate, and those of the pairs that follow.
func (p *Pair) PEM(more ...*Pair) []byte {
	out := Block("CERTIFICATE", p.Raw)
	for _, m := range more {
		out = append(out, Block("CERTIFICATE", m.Raw)...)
	}
	return out
}

// KeyPEM is the private key as PKCS #8.
func (p *Pair) KeyPEM() []byte { return Block("PRIVATE KEY", p.KeyDER()) }

// KeyDER is the same without PEM.
func (p *Pair) KeyDER() []byte { return must(x509.MarshalPKCS8PrivateKey(p.Key)) }

// Secret is the data of a kubernetes.io/tls Secret: the pair and, where there is one, a CA.
func (p *Pair) Secret(ca *Pair, intermediates ...*Pair) map[string][]byte {
	data := map[string][]byte{"tls.crt": p.PEM(intermediates...), "tls.key": p.KeyPEM()}
	if ca != nil {
		data["ca.crt"] = ca.PEM()
	}
	return data
}

// CRL is a list of what the CA revokes, good until a time.
func (p *Pair) CRL(until time.Time, revoked ...*Pair) []byte {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-48 * time.Hour), NextUpdate: until}
	for _, r := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: r.SerialNumber, RevocationTime: time.Now().Add(-time.Hour),
		})
	}
	return Block("X509 CRL", must(x509.CreateRevocationList(rand.Reader, list, p.Certificate, p.Key)))
}

// Block is one PEM block.
func Block(name string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
