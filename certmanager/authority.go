package certmanager

import (
	"encoding/base64"
	"fmt"

	"github.com/meshscenario/scenario/scenarios"
)

// cacert ends the name of the Secret where istiod looks for a CA first: "NAME-cacert" before ca.crt of NAME, for gateways
// and sidecars, servers and clients alike.
const cacert = "-cacert"

// apart puts the CA of the other side beside a Secret of cert-manager's, whose ca.crt is its issuer's.
func apart(s scenarios.Secret, ca []byte, labels map[string]any) made {
	why := fmt.Sprintf("is the CA by which %s verifies the other side, in the place of ca.crt of Secret %s", s.Reader, s.Name)
	return made{why, caSecret(s.Namespace, s.Name+cacert, ca, labels)}
}

// alone is a Secret that has nothing but the CA of the other side.
func alone(s scenarios.Secret, ca []byte, labels map[string]any) made {
	return made{fmt.Sprintf("is the CA by which %s verifies the other side", s.Reader), caSecret(s.Namespace, s.Name, ca, labels)}
}

func caSecret(namespace, name string, ca []byte, labels map[string]any) map[string]any {
	t := tree("v1", "Secret", namespace, name, labels, nil)
	t["type"], t["data"] = "Opaque", map[string]any{"ca.crt": base64.StdEncoding.EncodeToString(ca)}
	return t
}

// copied has trust-manager write the cluster's own CA into the Secrets of one name. A Bundle is named as what it writes,
// and belongs to no namespace.
func copied(name string, namespaces []string, labels map[string]any) made {
	return made{fmt.Sprintf("copies the CA into Secret %s: cert-manager makes none with a CA alone", name),
		tree("trust.cert-manager.io/v1alpha1", "Bundle", "", name, labels, map[string]any{
			"sources": []any{map[string]any{"secret": map[string]any{"name": ownCA, "key": "tls.crt"}}},
			"target": map[string]any{
				"secret": map[string]any{"key": "ca.crt"},
				"namespaceSelector": map[string]any{"matchExpressions": []any{map[string]any{
					"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces),
				}}},
			},
		})}
}
