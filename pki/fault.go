package pki

import (
	"cmp"
	"slices"
)

// A Fault is one thing that is wrong with material.
type Fault struct {
	Rule string // of the catalogue: MSH501 and so on
	Kind Kind   // finer than the rule
	// Key is where it is: the key of a Secret or ConfigMap, or the field of a Route. It is empty for the whole object.
	Key string
	// Index counts the certificates of Key from 1; 0 is the value as a whole.
	Index int
	// Message says what is wrong, Consequence what will be seen at run time, Fix how to mend it. They do not end in a
	// full stop, and hold nothing of a private key.
	Message, Consequence, Fix string
	// Breaks tells that a proxy refuses the material, or that the other side refuses the connection. What does not break
	// works by luck, or not with every peer.
	Breaks bool
}

// A Kind names a fault for programs.
type Kind string

// The kinds, by what is looked at.
const (
	// The object.
	Missing     Kind = "missing"      // no such Secret or ConfigMap
	Unserved    Kind = "unserved"     // of a type that istiod does not watch
	UnknownKeys Kind = "unknown-keys" // none of the keys that are read
	HalfPair    Kind = "half-pair"    // a certificate without its key, or the other way round
	NoPair      Kind = "no-pair"      // the use needs a certificate and key
	NoCA        Kind = "no-ca"        // the use needs a CA
	Shadowed    Kind = "shadowed"     // a second set of keys, never read
	SuffixName  Kind = "suffix-name"  // a name that asks for the CA only
	Admission   Kind = "admission"    // the API server refuses the object

	// The value.
	Empty       Kind = "empty"
	NotBase64   Kind = "not-base64"
	TwiceBase64 Kind = "base64-twice"
	NoPEM       Kind = "no-pem"
	DER         Kind = "der"
	Mangled     Kind = "mangled" // BEGIN is not at the beginning of a line
	Damaged     Kind = "damaged" // a block without its end, or with a body that is not base64
	WrongHeader Kind = "wrong-header"
	Junk        Kind = "junk" // text after the last block

	// The private key.
	KeyAsCertificate Kind = "key-as-certificate"
	CertificateAsKey Kind = "certificate-as-key"
	KeyInTheClear    Kind = "key-in-the-clear" // where CAs are read, which are public
	KeyInChain       Kind = "key-in-chain"
	PublicKey        Kind = "public-key"
	EncryptedKey     Kind = "encrypted-key"
	BadKey           Kind = "bad-key"
	SeveralKeys      Kind = "several-keys"
	KeyMismatch      Kind = "key-mismatch"

	// The certificates.
	BadCertificate  Kind = "bad-certificate"
	LeafNotFirst    Kind = "leaf-not-first"
	WrongOrder      Kind = "wrong-order"
	Unrelated       Kind = "unrelated"
	NoIntermediate  Kind = "missing-intermediate"
	RootSent        Kind = "root-sent"
	Repeated        Kind = "repeated"
	SameSerial      Kind = "same-serial"
	PathLength      Kind = "path-length"
	NameConstraint  Kind = "name-constraint"
	NotCA           Kind = "not-ca"
	LeafIsCA        Kind = "leaf-is-ca"
	WeakKey         Kind = "weak-key"
	WeakSignature   Kind = "weak-signature"
	Expired         Kind = "expired"
	NotYetValid     Kind = "not-yet-valid"
	Expiring        Kind = "expiring"
	OutlivesCA      Kind = "outlives-ca"
	NoSAN           Kind = "no-san"
	WrongName       Kind = "wrong-name"
	NoServerAuth    Kind = "no-server-auth"
	NoClientAuth    Kind = "no-client-auth"
	UnknownCA       Kind = "unknown-ca"
	NoCertificate   Kind = "no-certificate"
	BadCRL          Kind = "bad-crl"
	CRLWithoutCA    Kind = "crl-without-ca"
	CRLMissing      Kind = "crl-missing"
	CRLExpired      Kind = "crl-expired"
	Revoked         Kind = "revoked"
	BadSignatureCRL Kind = "crl-bad-signature"
)

// sorted puts faults in the order of their places.
func sorted(faults []Fault) []Fault {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Index, b.Index), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Kind, b.Kind))
	})
	return faults
}
