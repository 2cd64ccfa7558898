package certs

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// A Shape is how a certificate, or a CA, is laid into a Secret.
type Shape string

// The shapes.
const (
	// PairCA has tls.crt, tls.key and ca.crt: for mutual TLS, of gateways and sidecars (SDS), as mounted files and for
	// applications alike.
	PairCA Shape = "pair+ca"
	// Pair has tls.crt and tls.key: for servers that ask nobody for a certificate.
	Pair Shape = "pair"
	// CAOnly has ca.crt: for clients that show no certificate.
	CAOnly Shape = "ca"
	// Split is a pair, and a second Secret with -cacert behind its name that holds the CA: where the two come from
	// different people, or by different tools.
	Split Shape = "split"
	// ConfigMap has ca.crt in a ConfigMap: a CA is no secret.
	ConfigMap Shape = "configmap"
	// CACerts has ca-cert.pem, ca-key.pem, cert-chain.pem and root-cert.pem: an authority of its own for istiod, which looks
	// for it in Secret cacerts (istio/istio security/pkg/pki/ca). It is for certificates of purpose intermediate.
	CACerts Shape = "cacerts"
)

// Shapes lists them.
var Shapes = []Shape{PairCA, Pair, CAOnly, Split, ConfigMap, CACerts}

// hasPair tells whether a shape carries a certificate with its key.
func (s Shape) hasPair() bool { return s == PairCA || s == Pair || s == Split || s == CACerts }

// A SecretRef names a Secret, or ConfigMap, and its shape.
type SecretRef struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Shape     Shape  `json:"shape"`
	// Peer names the CA that verifies the other side, if it is not the store's own.
	Peer string `json:"peer,omitempty"`
	// Cluster tells Secrets of one name in several clusters apart; "" is for whatever cluster they are applied to.
	Cluster string `json:"cluster,omitempty"`
}

func (r SecretRef) String() string {
	if r.Cluster != "" {
		return r.Namespace + "/" + r.Name + " of " + r.Cluster
	}
	return r.Namespace + "/" + r.Name
}

// ParseSecretRef reads NAMESPACE/NAME or NAMESPACE/NAME=SHAPE; without a shape it is pair+ca.
func ParseSecretRef(text string) (SecretRef, error) {
	place, shape, shaped := strings.Cut(text, "=")
	namespace, name, ok := strings.Cut(place, "/")
	if !ok {
		return SecretRef{}, fmt.Errorf("%q names no Secret: write NAMESPACE/NAME", text)
	}
	r := SecretRef{Namespace: namespace, Name: name, Shape: PairCA}
	if shaped {
		r.Shape = Shape(shape)
	}
	return r, r.check()
}

func (r SecretRef) check() error {
	if len(validation.IsDNS1123Label(r.Namespace)) > 0 {
		return fmt.Errorf("%q is not the name of a namespace", r.Namespace)
	}
	if len(validation.IsDNS1123Subdomain(r.Name)) > 0 {
		return fmt.Errorf("%q is not the name of a Secret", r.Name)
	}
	for _, s := range Shapes {
		if r.Shape == s {
			return nil
		}
	}
	names := make([]string, len(Shapes))
	for i, s := range Shapes {
		names[i] = string(s)
	}
	return fmt.Errorf("unknown shape %q: the shapes are %s", r.Shape, strings.Join(names, ", "))
}
