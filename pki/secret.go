package pki

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
)

// A Secret is what istiod sees of one.
type Secret struct {
	Type string
	Data map[string][]byte
}

const tlsType = "kubernetes.io/tls"

// unwatched are types of Secrets that istiod does not load (SecretsFieldSelector in pilot/pkg/credentials/kube/secrets.go).
var unwatched = []string{"helm.sh/release.v1", "kubernetes.io/service-account-token"}

// FromSecret reads a Secret as istiod does for whoever names it, and finds what is wrong at any time and on any side. A
// Secret without a key pair has no Chain, one without a CA no CA: whether that is a fault depends on the use, see
// [Material.Lacks] and [Reader.Credential].
func FromSecret(data map[string][]byte, secretType string) (Material, []Fault) {
	return (*Reader)(nil).Secret(Secret{secretType, data})
}

// Secret is [FromSecret] with a memory.
func (r *Reader) Secret(s Secret) (Material, []Fault) {
	var m Material
	faults := s.object()
	pair, pairErr := Pair(s.Data)
	root, rootErr := Root(s.Data)
	switch {
	case pairErr == nil:
		faults = append(faults, r.pair(&m, pair, s.Data)...)
	case s.half() != nil:
		faults = append(faults, *s.half())
	case rootErr != nil:
		faults = append(faults, s.unknown(pairErr))
	}
	if rootErr == nil {
		faults = append(faults, r.root(&m, root, s.Data)...)
	}
	faults = append(faults, s.shadowed(pair, root)...)
	return m, sorted(append(faults, outlives(m.Served.Cert, m.Chain, m.CA)...))
}

// pair reads the chain and its key.
func (r *Reader) pair(m *Material, keys Served, data map[string][]byte) []Fault {
	m.Served.Cert, m.Served.Key, m.Served.Staple = keys.Cert, keys.Key, keys.Staple
	faults := append(r.chain(m, keys.Cert, data[keys.Cert]), r.key(m, keys.Key, data[keys.Key])...)
	return m.matched(faults)
}

// root reads the CA. Without one, no list of revoked certificates is read either.
func (r *Reader) root(m *Material, keys Served, data map[string][]byte) []Fault {
	m.Served.CA, m.Served.CRL = keys.CA, keys.CRL
	faults := r.ca(m, keys.CA, data[keys.CA])
	if keys.CRL != "" {
		faults = append(faults, r.crl(m, keys.CRL, data[keys.CRL])...)
	}
	return faults
}

// object is what is wrong with the Secret before its values are looked at.
func (s Secret) object() []Fault {
	var faults []Fault
	if slices.Contains(unwatched, s.Type) {
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: Unserved, Message: fmt.Sprintf("istiod does not load Secrets of type %s", s.Type),
			Consequence: "For proxies the Secret does not exist", Fix: "Make a Secret of type kubernetes.io/tls or Opaque", Breaks: true,
		})
	}
	if s.Type != tlsType {
		return faults
	}
	for _, key := range []string{"tls.crt", "tls.key"} {
		if !has(s.Data, key) {
			faults = append(faults, Fault{
				Rule: "MSH519", Kind: Admission, Key: key, Message: "a Secret of type kubernetes.io/tls needs " + key,
				Consequence: "The API server refuses the Secret", Fix: "Add the key, or use type Opaque", Breaks: true,
			})
		}
	}
	return faults
}

// half is about a pair of which one part is missing or empty.
func (s Secret) half() *Fault {
	for _, p := range pairs {
		for _, sides := range [][2]string{{p.Cert, p.Key}, {p.Key, p.Cert}} {
			there, missing := sides[0], sides[1]
			if len(s.Data[there]) == 0 || len(s.Data[missing]) > 0 {
				continue
			}
			f := &Fault{
				Rule: "MSH519", Kind: HalfPair, Key: missing, Breaks: true,
				Message:     fmt.Sprintf("%s is there, but %s is not", there, missing),
				Consequence: "istiod serves neither: the listener or cluster waits for its certificate for ever",
				Fix:         "Add " + missing + "; cert goes with key, and tls.crt with tls.key",
			}
			if has(s.Data, missing) {
				f.Message = fmt.Sprintf("%s is there, but %s is empty", there, missing)
			}
			return f
		}
	}
	return nil
}

// unknown is about a Secret of which istiod can serve nothing.
func (s Secret) unknown(err error) Fault {
	f := Fault{
		Rule: "MSH519", Kind: UnknownKeys, Breaks: true,
		Message:     "the Secret has none of the keys that istiod reads: " + keysOf(s.Data),
		Consequence: "istiod serves nothing and logs: " + err.Error(),
		Fix:         "Name the keys tls.crt, tls.key and ca.crt, or cert, key and cacert",
	}
	for _, key := range []string{"cert", "key", "tls.crt", "tls.key", "cacert", "ca.crt"} {
		if has(s.Data, key) {
			f.Kind, f.Message = Empty, "what istiod reads of the Secret is empty: "+keysOf(s.Data)
			f.Fix = "Put the PEM text in"
		}
	}
	return f
}

func keysOf(data map[string][]byte) string {
	if len(data) == 0 {
		return "it has no keys at all"
	}
	return "it has " + list(slices.Sorted(maps.Keys(data)))
}

// shadowed finds values that are never read, because those of the other naming are there. The same value twice is none.
func (s Secret) shadowed(pair, root Served) []Fault {
	var faults []Fault
	for _, two := range [][2]string{{"cert", "tls.crt"}, {"key", "tls.key"}, {"cacert", "ca.crt"}} {
		read, ignored := two[0], two[1]
		if read != pair.Cert && read != pair.Key && read != root.CA || len(s.Data[ignored]) == 0 || bytes.Equal(s.Data[read], s.Data[ignored]) {
			continue
		}
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: Shadowed, Key: ignored,
			Message:     fmt.Sprintf("%s is never read, because %s is there too and holds something else", ignored, read),
			Consequence: "A renewal that writes " + ignored + " has no effect", Fix: "Keep one of the two",
		})
	}
	return faults
}
