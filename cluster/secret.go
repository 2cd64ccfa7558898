package cluster

import (
	"encoding/base64"
	"slices"

	"github.com/meshscenario/scenario/pki"
)

// withheld stands where a value of a Secret was that is no certificate.
const withheld = "withheld"

// withoutKeys keeps of a Secret its metadata and type, and of its values what is public: certificates, revocation lists
// and public keys. A private key becomes its public one, by which a certificate can still be told to fit; every other
// value is withheld.
func withoutKeys(tree map[string]any) {
	for field := range tree {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "type", "data"}, field) {
			delete(tree, field)
		}
	}
	data, _ := tree["data"].(map[string]any)
	for key, value := range data {
		text, _ := value.(string)
		raw, err := base64.StdEncoding.DecodeString(text)
		kept := []byte(withheld)
		if err == nil {
			kept = public(raw)
		}
		clear(raw)
		data[key] = base64.StdEncoding.EncodeToString(kept)
	}
}

// public is what may be known of a value: nothing of an empty one, which says that it is missing.
func public(raw []byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	if kept := pki.Public(raw); len(kept) > 0 {
		return kept
	}
	return []byte(withheld)
}
