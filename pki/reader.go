package pki

import (
	"crypto"
	"crypto/sha256"
	"sync"
)

// A Reader remembers what it read, by a hash of the content: of many Secrets with one CA, the CA is parsed once. It keeps
// certificates and public keys, never the text. A nil Reader remembers nothing. It is safe for many goroutines.
type Reader struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]reading
}

// A reading is what is in one value. Its faults name the key that it was read from.
type reading struct {
	certificates []Certificate
	crls         []CRL
	public       crypto.PublicKey
	faults       []Fault
}

// A role is what a value is read as.
type role string

const (
	asChain role = "chain"
	asCA    role = "ca"
	asKey   role = "key"
	asCRL   role = "crl"
)

func (r *Reader) read(as role, key string, data []byte) reading {
	if r == nil {
		return read(as, key, data)
	}
	hash := sha256.New()
	hash.Write([]byte(string(as) + "\x00" + key + "\x00"))
	hash.Write(data)
	id := [sha256.Size]byte(hash.Sum(nil))
	r.mu.Lock()
	got, ok := r.seen[id]
	r.mu.Unlock()
	if ok {
		return got
	}
	got = read(as, key, data)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[[sha256.Size]byte]reading{}
	}
	r.seen[id] = got
	return got
}

func read(as role, key string, data []byte) reading {
	var r reading
	switch as {
	case asKey:
		r.public, r.faults = readKey(key, data)
	case asCRL:
		r.crls, r.faults = readCRLs(key, data)
	default:
		r.certificates, r.faults = readCertificates(key, data, as == asCA)
		r.faults = append(r.faults, weakness(key, r.certificates)...)
		if as == asCA {
			r.faults = append(r.faults, notCAs(key, r.certificates)...)
			r.crls = crlsIn(data)
		} else {
			r.faults = append(r.faults, order(key, r.certificates)...)
		}
	}
	return r
}

// chain, key, ca and crl read one value each into the material.
func (r *Reader) chain(m *Material, key string, data []byte) []Fault {
	got := r.read(asChain, key, data)
	m.Chain = got.certificates
	return clone(got.faults)
}

func (r *Reader) key(m *Material, key string, data []byte) []Fault {
	got := r.read(asKey, key, data)
	m.public, m.Key = got.public, KeyTypeOf(got.public)
	return clone(got.faults)
}

func (r *Reader) ca(m *Material, key string, data []byte) []Fault {
	got := r.read(asCA, key, data)
	m.CA = got.certificates
	m.CRLs = append(clone(m.CRLs), got.crls...)
	return clone(got.faults)
}

func (r *Reader) crl(m *Material, key string, data []byte) []Fault {
	got := r.read(asCRL, key, data)
	m.CRLs = append(clone(m.CRLs), got.crls...)
	return clone(got.faults)
}

// clone keeps what is remembered from being changed.
func clone[T any](in []T) []T { return append([]T(nil), in...) }
