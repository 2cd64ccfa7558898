package pki

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Served says under which keys istiod finds what it hands out.
type Served struct {
	Cert, Key   string // of a key pair
	CA          string
	CRL, Staple string // empty where the Secret does not have them
}

// pairs and roots are the keys in the order in which istiod looks (pilot/pkg/credentials/kube/secrets.go of istio/istio).
// Only a pair of which both are there and not empty counts: a generic certificate does not go with a tls.key.
var (
	pairs = []Served{
		{Cert: "cert", Key: "key", CRL: "crl"},
		{Cert: "tls.crt", Key: "tls.key", CRL: "ca.crl", Staple: "tls.ocsp-staple"},
	}
	roots = []Served{{CA: "cacert", CRL: "crl"}, {CA: "ca.crt", CRL: "ca.crl"}}
)

// Pair says which certificate and key istiod serves from a Secret, or its error: then the proxy is served nothing.
func Pair(data map[string][]byte) (Served, error) {
	for _, p := range pairs {
		if len(data[p.Cert]) > 0 && len(data[p.Key]) > 0 {
			return p.within(data), nil
		}
	}
	for _, p := range pairs {
		if has(data, p.Cert) && has(data, p.Key) {
			return Served{}, fmt.Errorf("found keys %q and %q, but they were empty", p.Cert, p.Key)
		}
	}
	return Served{}, fmt.Errorf("found secret, but didn't have expected keys (cert and key) or (tls.crt and tls.key); found: %s", some(data))
}

// Root says which CA istiod serves from a Secret or ConfigMap, or its error.
func Root(data map[string][]byte) (Served, error) {
	for _, r := range roots {
		if len(data[r.CA]) > 0 {
			return r.within(data), nil
		}
	}
	for _, r := range roots {
		if has(data, r.CA) {
			return Served{}, fmt.Errorf("found key %q, but it was empty", r.CA)
		}
	}
	return Served{}, fmt.Errorf("found secret, but didn't have expected keys cacert or ca.crt; found: %s", some(data))
}

// within drops what the data does not have.
func (s Served) within(data map[string][]byte) Served {
	if !has(data, s.CRL) {
		s.CRL = ""
	}
	if !has(data, s.Staple) {
		s.Staple = ""
	}
	return s
}

func has(data map[string][]byte, key string) bool {
	_, ok := data[key]
	return ok
}

// some are the first three keys, as in istiod's log.
func some(data map[string][]byte) string {
	keys := slices.Sorted(maps.Keys(data))
	if len(keys) < 3 {
		return strings.Join(keys, ", ")
	}
	return fmt.Sprintf("%s, and %d more...", strings.Join(keys[:3], ", "), len(keys)-3)
}
