package pki

import (
	"bytes"
	"crypto/x509"
	"fmt"
)

// readCertificates reads a value that holds certificates: a chain to show, or the CAs to trust.
func readCertificates(key string, data []byte, ca bool) ([]Certificate, []Fault) {
	t, faults := value(key, data)
	var certificates []Certificate
	var others []block
	add := func(f Fault) {
		f.Key = key
		faults = append(faults, f)
	}
	for i, b := range t.blocks {
		if !certificateBlock[b.name] {
			others = append(others, b)
			continue
		}
		index := i + 1 - len(others)
		c, curve := parse(b)
		switch {
		case c != nil:
			certificates = append(certificates, Certificate{c, index})
			if b.name != "CERTIFICATE" {
				add(Fault{
					Rule: "MSH519", Kind: WrongHeader, Index: index,
					Message:     fmt.Sprintf("certificate %d of %s has the header %q", index, key, b.name),
					Consequence: "Envoy reads it; istiod and programs in Go or Java do not", Fix: "Write it as BEGIN CERTIFICATE",
				})
			}
		case curve != "":
			add(weak(key, index, "", "ECDSA "+curve))
		default:
			add(notCertificate(key, index, b))
		}
	}
	if len(t.blocks) > 0 && len(certificates) == 0 && len(others) == len(t.blocks) {
		add(noCertificates(key, others[0], ca))
		return nil, faults
	}
	for _, b := range others {
		if f, is := beside(key, b, ca); is {
			add(f)
			break
		}
	}
	return certificates, append(faults, repeated(key, certificates)...)
}

func notCertificate(key string, index int, b block) Fault {
	f := Fault{
		Rule: "MSH519", Kind: BadCertificate, Index: index, Consequence: refused, Breaks: true,
		Message: fmt.Sprintf("block %d of %s is called a certificate, but what it holds is not one", index, key),
		Fix:     "Copy the certificate anew",
	}
	switch {
	case publicOf(b.der) != nil:
		f.Kind, f.Fix = KeyAsCertificate, "Put the certificate there; was the header of a private key changed?"
		f.Message = fmt.Sprintf("block %d of %s is called a certificate, but holds a private key", index, key)
	case isRequest(b.der):
		f.Kind, f.Fix = WrongHeader, "Put the certificate there that the CA made from the request"
		f.Message = fmt.Sprintf("block %d of %s is called a certificate, but holds a request for one", index, key)
	}
	return f
}

func isRequest(der []byte) bool {
	_, err := x509.ParseCertificateRequest(der)
	return err == nil
}

// noCertificates is about a value with PEM of which nothing is called a certificate.
func noCertificates(key string, b block, ca bool) Fault {
	f := Fault{Rule: "MSH519", Kind: WrongHeader, Consequence: refused, Breaks: true}
	switch {
	case isKey(b):
		f.Kind, f.Message = KeyAsCertificate, key+" holds a private key where the certificate belongs"
		f.Fix = "Put the certificate there; were the two swapped?"
		if ca {
			f.Consequence = "Envoy cannot load it, and whoever may read the CA can read the private key"
			f.Fix = "Put the CA's certificate there, and replace the key: it was shown"
		}
	case isCertificate(b.der):
		f.Message = fmt.Sprintf("%s holds a certificate under the header %q", key, short(b.name))
		f.Fix = "Write BEGIN CERTIFICATE and END CERTIFICATE"
	case isRequest(b.der):
		f.Message = key + " holds a request for a certificate, not the certificate"
		f.Fix = "Put the certificate there that the CA made from it"
	default:
		f.Message = fmt.Sprintf("%s holds a %q, not a certificate", key, short(b.name))
		f.Fix = "Put the certificate there: BEGIN CERTIFICATE"
	}
	return f
}

// beside is about a block among certificates that is not one. Certificates are read past it.
func beside(key string, b block, ca bool) (Fault, bool) {
	switch {
	case isKey(b) && ca:
		return Fault{
			Rule: "MSH519", Kind: KeyInTheClear,
			Message:     key + " holds a private key beside the CA's certificate",
			Consequence: "istiod gives CAs to any proxy of the namespace without asking for permission, and the key with them",
			Fix:         "Remove the key there, and replace it: it was shown",
		}, true
	case isKey(b):
		return Fault{
			Rule: "MSH519", Kind: KeyInChain,
			Message:     key + " holds a private key beside the certificates",
			Consequence: "Proxies pass over it, but whoever shows the chain shows the key", Fix: "Keep the key in its own entry only",
		}, true
	case b.name == publicKey:
		return Fault{
			Rule: "MSH519", Kind: PublicKey,
			Message:     key + " holds a public key beside the certificates",
			Consequence: "Proxies pass over it", Fix: "Remove it",
		}, true
	case ca && b.name == "X509 CRL", b.name == "DH PARAMETERS", b.name == "EC PARAMETERS":
		return Fault{}, false
	default:
		return Fault{
			Rule: "MSH519", Kind: WrongHeader,
			Message:     fmt.Sprintf("%s holds a %q beside the certificates, which proxies pass over", key, short(b.name)),
			Consequence: "If it was meant to be loaded, it is missing", Fix: "Remove it, or write it as BEGIN CERTIFICATE if it is one",
		}, true
	}
}

// repeated finds the same certificate twice in a value, and two certificates of one number.
func repeated(key string, certificates []Certificate) []Fault {
	var faults []Fault
	seen := map[string]Certificate{}
	for _, c := range certificates {
		id := string(c.RawIssuer) + "\x00" + string(c.SerialNumber.Bytes())
		first, twice := seen[id]
		switch {
		case !twice:
			seen[id] = c
		case bytes.Equal(first.Raw, c.Raw):
			faults = append(faults, Fault{
				Rule: "MSH508", Kind: Repeated, Key: key, Index: c.Index,
				Message:     fmt.Sprintf("certificate %d of %s (%s) is certificate %d once more", c.Index, key, c, first.Index),
				Consequence: "Every handshake sends it twice", Fix: "Remove one",
			})
		default:
			faults = append(faults, sameSerial(key, first, c))
		}
	}
	return faults
}

func sameSerial(key string, first, second Certificate) Fault {
	return Fault{
		Rule: "MSH515", Kind: SameSerial, Key: key, Index: second.Index,
		Message:     fmt.Sprintf("certificate %d (%s) has the serial number of another certificate of the same issuer, %s", second.Index, second, first),
		Consequence: "To revoke one is to revoke both, and some clients refuse the second that they meet",
		Fix:         "Let the CA give every certificate a number of its own",
	}
}

// SameSerials finds different certificates of one issuer with the same number, wherever they were read: a fault for each
// after the first.
func SameSerials(certificates []Certificate) []Fault {
	var faults []Fault
	for _, f := range repeated("", certificates) {
		if f.Kind == SameSerial {
			faults = append(faults, f)
		}
	}
	return faults
}
