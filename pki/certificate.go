package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
)

// A Certificate is one of a bundle, with its place in it, counted from 1.
type Certificate struct {
	*x509.Certificate
	Index int
}

// String names a certificate for people, by what tells it from others: subject, or names where it has none, and serial.
func (c Certificate) String() string {
	name := c.Subject.String()
	if name == "" {
		name = strings.Join(NamesOf(c.Certificate).All(), ", ")
	}
	if c.SerialNumber == nil { // not issued yet
		return fmt.Sprintf("%q", short(name))
	}
	return fmt.Sprintf("%q, serial %x", short(name), c.SerialNumber)
}

// SelfSigned tells whether a certificate is its own issuer, as a root is.
func (c Certificate) SelfSigned() bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) && (c.SignatureAlgorithm == x509.SHA1WithRSA ||
		c.SignatureAlgorithm == x509.MD5WithRSA || signed(c.Certificate, c.Certificate))
}

// issued tells whether one certificate is the issuer of another.
func issued(parent, child Certificate) bool {
	return bytes.Equal(parent.RawSubject, child.RawIssuer) && signed(parent.Certificate, child.Certificate)
}

// signed tells whether the signature is the parent's. Of those that Go does not verify, MD5 and SHA-1, key identifiers
// have to tell.
func signed(parent, child *x509.Certificate) bool {
	err := parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	if _, insecure := err.(x509.InsecureAlgorithmError); insecure {
		return len(child.AuthorityKeyId) == 0 || len(parent.SubjectKeyId) == 0 ||
			bytes.Equal(child.AuthorityKeyId, parent.SubjectKeyId)
	}
	return err == nil
}

// certificateBlock names the blocks in which OpenSSL and BoringSSL look for certificates. Go and others know the first
// only.
var certificateBlock = map[string]bool{"CERTIFICATE": true, "X509 CERTIFICATE": true, "TRUSTED CERTIFICATE": true}

// parse reads the certificate of a block. On a curve that Go does not know, it says which.
func parse(b block) (certificate *x509.Certificate, curve string) {
	var first asn1.RawValue
	if _, err := asn1.Unmarshal(b.der, &first); err != nil { // trust settings may follow in a TRUSTED CERTIFICATE
		return nil, ""
	}
	der := first.FullBytes
	if b.name == "CERTIFICATE" {
		der = b.der
	}
	if c, err := x509.ParseCertificate(der); err == nil {
		return c, ""
	}
	return nil, oddCurve(der)
}

// curves are those that neither Go nor BoringSSL reads.
var curves = map[string]string{
	"1.2.840.10045.3.1.1": "P-192", "1.3.132.0.10": "secp256k1",
	"1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1", "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}

// oddCurve is the curve of a certificate's key, where it is one of those.
func oddCurve(der []byte) string {
	var c struct {
		Body struct {
			Version                                           int `asn1:"optional,explicit,default:0,tag:0"`
			Serial, Algorithm, Issuer, Validity, Subject, Key asn1.RawValue
			Unread                                            asn1.RawValue `asn1:"optional"`
		}
		Algorithm, Signature asn1.RawValue
	}
	var key struct {
		Algorithm struct {
			OID   asn1.ObjectIdentifier
			Curve asn1.RawValue `asn1:"optional"`
		}
		Bits asn1.BitString
	}
	var curve asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(der, &c); err != nil {
		return ""
	}
	if _, err := asn1.Unmarshal(c.Body.Key.FullBytes, &key); err != nil {
		return ""
	}
	if _, err := asn1.Unmarshal(key.Algorithm.Curve.FullBytes, &curve); err != nil {
		return ""
	}
	return curves[curve.String()]
}

// isCertificate tells whether bytes are one, whatever their block is called.
func isCertificate(der []byte) bool {
	_, err := x509.ParseCertificate(der)
	return err == nil
}

// same tells whether two are one and the same certificate.
func (c Certificate) same(other Certificate) bool { return bytes.Equal(c.Raw, other.Raw) }
