package certmanager

import (
	"fmt"
	"slices"

	"github.com/meshscenario/scenario/scenarios"
)

// Leaves live as long as those of a store of certs, and are renewed as early.
const (
	duration    = "2160h"
	renewBefore = "720h"
)

// certificate asks for the pair of a Secret. It is in the Secret's namespace, the one of the proxy that reads it:
// cert-manager writes nowhere else.
func certificate(s scenarios.Secret, by *Issuer, labels map[string]any) made {
	leaf := s.Pair
	side := "client auth"
	if leaf.Server {
		side = "server auth"
	}
	spec := map[string]any{
		"duration":    duration,
		"issuerRef":   by.ref(),
		"privateKey":  privateKey("Always"),
		"renewBefore": renewBefore,
		"secretName":  s.Name,
		// What is found by its labels can be removed by them: the Secret outlives its Certificate.
		"secretTemplate": map[string]any{"labels": labels},
		"usages":         []any{"digital signature", side},
	}
	// Issuers of public CAs take a server's common name only if it is among its names.
	if leaf.CommonName != "" && (!leaf.Server || slices.Contains(leaf.DNS, leaf.CommonName)) {
		spec["commonName"] = leaf.CommonName
	}
	for field, names := range map[string][]string{"dnsNames": leaf.DNS, "ipAddresses": leaf.IPs, "uris": leaf.URIs} {
		if len(names) > 0 {
			spec[field] = list(names)
		}
	}
	why := fmt.Sprintf("makes Secret %s, which %s reads", s.Name, s.Reader)
	return made{why, tree(group+"/v1", "Certificate", s.Namespace, s.Name, labels, spec)}
}

// privateKey is a P-256 key, written as Java reads it too; rotation says whether a renewed certificate has another.
func privateKey(rotation string) map[string]any {
	return map[string]any{"algorithm": "ECDSA", "encoding": "PKCS8", "rotationPolicy": rotation, "size": int64(256)}
}

func list(names []string) []any {
	all := make([]any, len(names))
	for i, n := range names {
		all[i] = n
	}
	return all
}
