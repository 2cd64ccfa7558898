package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
)

// A KeyType is what may be told of a key.
type KeyType struct {
	Algorithm string // RSA, ECDSA, Ed25519, or another; "" is unknown
	Bits      int    // of RSA
	Curve     string // of ECDSA: P-256 and so on
}

// String is "RSA 2048", "ECDSA P-256".
func (k KeyType) String() string {
	switch {
	case k.Bits > 0:
		return fmt.Sprintf("%s %d", k.Algorithm, k.Bits)
	case k.Curve != "":
		return k.Algorithm + " " + k.Curve
	default:
		return k.Algorithm
	}
}

// KeyTypeOf is the type of a public key.
func KeyTypeOf(public crypto.PublicKey) KeyType {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return KeyType{Algorithm: "RSA", Bits: k.N.BitLen()}
	case *ecdsa.PublicKey:
		return KeyType{Algorithm: "ECDSA", Curve: k.Params().Name}
	case ed25519.PublicKey:
		return KeyType{Algorithm: "Ed25519"}
	default:
		return KeyType{}
	}
}

// keyNames are the blocks from which BoringSSL reads a private key.
var keyNames = map[string]bool{"PRIVATE KEY": true, "RSA PRIVATE KEY": true, "EC PRIVATE KEY": true, "ENCRYPTED PRIVATE KEY": true}

// isKey tells whether a block holds a private key of any kind.
func isKey(b block) bool { return strings.HasSuffix(b.name, "PRIVATE KEY") || publicOf(b.der) != nil }

// publicOf is the public half of a private key, or nil where the bytes are not one. The private half goes no further.
func publicOf(der []byte) crypto.PublicKey {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if signer, ok := key.(crypto.Signer); ok {
			return signer.Public()
		}
		return nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key.Public()
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key.Public()
	}
	return nil
}

// publicKey is the block of a public key. Whoever reads a cluster keeps that much of its private keys.
const publicKey = "PUBLIC KEY"

func publicIn(blocks []block) crypto.PublicKey {
	for _, b := range blocks {
		if key, err := x509.ParsePKIXPublicKey(b.der); err == nil && b.name == publicKey {
			return key
		}
	}
	return nil
}

// readKey reads the private key of a value: its public half, or nil.
func readKey(key string, data []byte) (crypto.PublicKey, []Fault) {
	t, faults := value(key, data)
	if len(t.blocks) == 0 {
		return nil, faults
	}
	wrong := func(kind Kind, message, fix string) (crypto.PublicKey, []Fault) {
		return nil, append(faults, Fault{
			Rule: "MSH519", Kind: kind, Key: key, Message: key + " " + message, Consequence: refused, Fix: fix, Breaks: true,
		})
	}
	var keys []block
	other := ""
	for _, b := range t.blocks {
		switch {
		case keyNames[b.name]:
			keys = append(keys, b)
		case other == "":
			other = b.name
		}
	}
	switch {
	case len(keys) == 0 && other == publicKey:
		_, faults = wrong(PublicKey, "holds a public key where the private key belongs", "Put the private key there")
		return publicIn(t.blocks), faults
	case len(keys) == 0 && certificateBlock[other]:
		return wrong(CertificateAsKey, "holds a certificate where the private key belongs", "Put the private key there; were the two swapped?")
	case len(keys) == 0 && strings.HasSuffix(other, "PRIVATE KEY"):
		return wrong(WrongHeader, fmt.Sprintf("holds a %q, which proxies do not read", short(other)), "Convert the key to PKCS #8: BEGIN PRIVATE KEY")
	case len(keys) == 0:
		return wrong(WrongHeader, fmt.Sprintf("holds a %q where the private key belongs", short(other)), "Put the private key there: BEGIN PRIVATE KEY")
	case keys[0].encrypted || keys[0].name == "ENCRYPTED PRIVATE KEY":
		return wrong(EncryptedKey, "holds a key that is encrypted with a password, which nobody gives the proxy", "Store it without a password")
	}
	public := publicOf(keys[0].der)
	switch {
	case public == nil && isCertificate(keys[0].der):
		return wrong(CertificateAsKey, "holds a certificate under the header of a private key", "Put the private key there")
	case public == nil:
		return wrong(BadKey, "holds a private key that cannot be read: damaged, or of a kind that TLS does not use", "Make the key anew, RSA 2048 or ECDSA P-256")
	case len(keys) > 1:
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: SeveralKeys, Key: key,
			Message:     fmt.Sprintf("%s holds %d private keys, of which the first is used", key, len(keys)),
			Consequence: "The others are of no use there, and may leak", Fix: "Keep the one that belongs to the certificate",
		})
	}
	return public, faults
}
