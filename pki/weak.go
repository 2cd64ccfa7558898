package pki

import (
	"crypto/x509"
	"fmt"
)

// weakness finds keys and signatures of certificates that proxies and peers refuse. Envoy refuses a leaf with RSA under 2048
// bits or on P-224 (source/common/tls/context_impl.cc of envoyproxy/envoy); OpenSSL refuses both anywhere in a chain at
// Debian's and Red Hat's default security level. The signature of a root is not looked at by anybody.
func weakness(key string, certificates []Certificate) []Fault {
	var faults []Fault
	for i, c := range certificates {
		k := KeyTypeOf(c.PublicKey)
		if k.Algorithm == "RSA" && k.Bits < 2048 || k.Curve == "P-224" {
			f := weak(key, c.Index, c.String(), k.String())
			f.Breaks = i == 0 && !c.IsCA
			faults = append(faults, f)
		}
		if f, is := weakSignature(key, c); is {
			faults = append(faults, f)
		}
	}
	return faults
}

func weak(key string, index int, name, kind string) Fault {
	if name != "" {
		name = " (" + name + ")"
	}
	return Fault{
		Rule: "MSH515", Kind: WeakKey, Key: key, Index: index, Breaks: true,
		Message:     fmt.Sprintf("certificate %d of %s%s has a key of %s", index, key, name, kind),
		Consequence: "Envoy refuses it as its own certificate, and OpenSSL and others refuse it from a peer",
		Fix:         "Issue it anew with RSA 2048 or more, or ECDSA P-256",
	}
}

func weakSignature(key string, c Certificate) (Fault, bool) {
	f := Fault{
		Rule: "MSH515", Kind: WeakSignature, Key: key, Index: c.Index,
		Fix: "Let the CA issue it anew, signed with SHA-256",
	}
	hash := ""
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA:
		hash, f.Breaks, f.Consequence = "MD5", true, "Every peer refuses it"
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		hash, f.Consequence = "SHA-1", "Peers that use Go, or OpenSSL at its default security level, refuse it; OpenShift's router refuses the Route"
	}
	f.Message = fmt.Sprintf("certificate %d of %s (%s) is signed with %s", c.Index, key, c, hash)
	return f, hash != "" && !c.SelfSigned()
}
