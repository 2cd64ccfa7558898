package certs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/csr"
)

// A Key is a kind of private key, as people name it: "ecdsa-256", "rsa-3072".
type Key string

// DefaultKey is what every proxy and every TLS library takes, at the least cost.
const DefaultKey Key = "ecdsa-256"

// Keys are the kinds that can be asked for. Ed25519 is not among them: BoringSSL, and so Envoy, offers it to nobody unless
// it was built to, and P-521 neither.
var Keys = []Key{DefaultKey, "ecdsa-384", "rsa-2048", "rsa-3072", "rsa-4096"}

// ParseKey reads the name of a kind; "" is the default.
func ParseKey(name string) (Key, error) {
	k := Key(strings.ToLower(name))
	if k == "" {
		return DefaultKey, nil
	}
	if !slices.Contains(Keys, k) {
		return "", fmt.Errorf("unknown kind of key %q: the kinds are %s", name, kinds())
	}
	return k, nil
}

func kinds() string {
	names := make([]string, len(Keys))
	for i, k := range Keys {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// RSA tells whether keys of the kind can take the part in a key exchange that ECDSA keys cannot.
func (k Key) RSA() bool { return strings.HasPrefix(string(k), "rsa-") }

// Proxied tells whether proxies take leaves with such keys, their own and the other side's. Envoy before 1.33, which Istio
// 1.25 brought, loads no certificate of ECDSA but on P-256 (envoyproxy/envoy#36369), and none offers another curve as a
// client by itself, without which a server has no cipher in TLS 1.2. CAs are free of that: nobody exchanges keys with them.
func (k Key) Proxied() bool { return k != "ecdsa-384" }

func (k Key) request() *csr.KeyRequest {
	r := &csr.KeyRequest{}
	algorithm, size, _ := strings.Cut(string(k), "-")
	r.A = algorithm
	fmt.Sscan(size, &r.S)
	return r
}
