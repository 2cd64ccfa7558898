package pki

import (
	"crypto"
	"slices"
	"time"
)

// Material is what a proxy is given: a chain with its key to show, CAs to trust, or both.
type Material struct {
	Served Served
	// CASecret is the Secret or ConfigMap that the CA is from, where that is another one than the key pair's.
	CASecret string
	// Chain is what is shown, as it is written: the first is what the other side takes for the leaf.
	Chain []Certificate
	// CA is what is trusted, with the revocation lists that come with it.
	CA   []Certificate
	CRLs []CRL
	// Key is the type of the private key; without a key that can be read it is empty.
	Key KeyType

	public crypto.PublicKey
}

// Leaf is the certificate that the other side looks at, if there is one.
func (m Material) Leaf() (Certificate, bool) {
	if len(m.Chain) == 0 {
		return Certificate{}, false
	}
	return m.Chain[0], true
}

// Names are the leaf's.
func (m Material) Names() Names {
	leaf, ok := m.Leaf()
	if !ok {
		return Names{}
	}
	return NamesOf(leaf.Certificate)
}

// NotAfter is when the first certificate of the chain expires, or zero without one.
func (m Material) NotAfter() time.Time {
	var first time.Time
	for _, c := range m.Chain {
		if first.IsZero() || c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first
}

// matches tells whether a certificate is for the private key.
func (m Material) matches(c Certificate) bool {
	public, ok := m.public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// matched adds what the private key says of the chain. A leaf at the wrong place explains all else about the order.
func (m Material) matched(faults []Fault) []Fault {
	more := m.keyMatch()
	if len(more) > 0 && more[0].Kind == LeafNotFirst {
		faults = slices.DeleteFunc(faults, func(f Fault) bool { return f.Key == m.Served.Cert && f.Rule == "MSH508" })
	}
	return append(faults, more...)
}

// keyMatch is about the private key and the chain.
func (m Material) keyMatch() []Fault {
	leaf, ok := m.Leaf()
	if !ok || m.public == nil || m.matches(leaf) {
		return nil
	}
	for _, c := range m.Chain[1:] {
		if m.matches(c) {
			return []Fault{leafNotFirst(m.Served.Cert, c)}
		}
	}
	return []Fault{{
		Rule: "MSH506", Kind: KeyMismatch, Key: m.Served.Key,
		Message:     m.Served.Key + " (" + m.Key.String() + ") is not the private key of " + leaf.String() + " in " + m.Served.Cert,
		Consequence: refused, Fix: "Put the key there with which the certificate was requested, or issue both anew", Breaks: true,
	}}
}
