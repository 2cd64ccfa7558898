package certs

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// Secrets are the Secrets and ConfigMaps that carry the store's certificates and CAs, in the order of their namespaces and
// names. Of stores whose keys are encrypted, Options.Identity reads them.
//
// Those of one cluster among several are left out: [Store.SecretsOf] gives them.
func (s *Store) Secrets() ([]*bundle.Object, error) { return s.secrets("", s.Pair) }

// SecretsOf are those for one cluster among several, in their order.
func (s *Store) SecretsOf(cluster string) ([]*bundle.Object, error) {
	return s.secrets(cluster, s.Pair)
}

// pairs gives a certificate and a key by the certificate's name, as [Store.Pair] does.
type pairs func(name string) (certificate, key []byte, err error)

func (s *Store) secrets(cluster string, pair pairs) ([]*bundle.Object, error) {
	var all []*bundle.Object
	add := func(r SecretRef, e *Entry) error {
		if r.Cluster != cluster {
			return nil
		}
		objects, err := s.objects(r, e, pair)
		all = append(all, objects...)
		return err
	}
	for i, e := range s.x.Entries {
		for _, r := range e.Secrets {
			if err := add(r, &s.x.Entries[i]); err != nil {
				return nil, err
			}
		}
	}
	for _, r := range s.x.CASecrets {
		if err := add(r, nil); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b *bundle.Object) int {
		return strings.Compare(a.Namespace+"/"+a.Name+"/"+a.Kind, b.Namespace+"/"+b.Name+"/"+b.Kind)
	})
	return all, nil
}

// objects lays a certificate, or nothing but CAs, into the shape of a reference.
func (s *Store) objects(r SecretRef, e *Entry, pair pairs) ([]*bundle.Object, error) {
	data := map[string][]byte{}
	if r.Shape.hasPair() {
		if e == nil {
			return nil, fmt.Errorf("the Secret %s is to hold a certificate, and none is for it", r)
		}
		var err error
		if data["tls.crt"], data["tls.key"], err = pair(e.Name); err != nil {
			return nil, err
		}
	}
	switch r.Shape {
	case Pair:
		return manifest(r, data)
	case CACerts:
		root, err := s.Trust()
		if err != nil {
			return nil, err
		}
		return manifest(r, cacerts(data["tls.crt"], data["tls.key"], root))
	}
	ca, err := s.verifies(r.Peer)
	if err != nil {
		return nil, err
	}
	if r.Shape != Split {
		data["ca.crt"] = ca
		return manifest(r, data)
	}
	first, err := manifest(r, data)
	if err != nil {
		return nil, err
	}
	r.Name, r.Shape = r.Name+"-cacert", CAOnly
	second, err := manifest(r, map[string][]byte{"ca.crt": ca})
	return append(first, second...), err
}

// cacerts is an authority as istiod reads it: its own certificate, its key, what its leaves have to bring along, and the
// root that everybody trusts.
func cacerts(chain, key, root []byte) map[string][]byte {
	first, _ := pem.Decode(chain)
	return map[string][]byte{"ca-cert.pem": pem.EncodeToMemory(first), "ca-key.pem": key, "cert-chain.pem": chain, "root-cert.pem": root}
}

// verifies is the CA that verifies the other side: the store's own, or a peer's.
func (s *Store) verifies(peer string) ([]byte, error) {
	if peer == "" {
		return s.Trust()
	}
	for _, p := range s.x.Peers {
		if p.Name == peer {
			return os.ReadFile(filepath.Join(s.dir, versionsDir, p.Folder, "ca.crt"))
		}
	}
	return nil, &NoPeerError{s.dir, peer}
}

// A NoPeerError says that the store has no CA of that name of somebody else.
type NoPeerError struct{ Dir, Name string }

func (e *NoPeerError) Error() string { return fmt.Sprintf("%s holds no CA of %q", e.Dir, e.Name) }

// manifest is one object. Kubernetes checks of its type kubernetes.io/tls that both halves of the pair are there, and takes
// other keys beside them.
func manifest(r SecretRef, data map[string][]byte) ([]*bundle.Object, error) {
	tree := map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata": map[string]any{
			"namespace": r.Namespace, "name": r.Name,
			"labels": map[string]any{"app.kubernetes.io/managed-by": "scenario"},
		},
	}
	values := map[string]any{}
	for key, value := range data {
		values[key] = base64.StdEncoding.EncodeToString(value)
	}
	switch {
	case r.Shape == ConfigMap:
		tree["kind"] = "ConfigMap"
		values["ca.crt"] = string(data["ca.crt"])
	case r.Shape == CACerts:
		tree["type"] = "Opaque"
	case r.Shape.hasPair():
		tree["type"] = "kubernetes.io/tls"
	default:
		tree["type"] = "Opaque"
	}
	tree["data"] = values
	o, err := bundle.NewObject(tree)
	if err != nil {
		// Not the library's error, which may quote a value.
		return nil, fmt.Errorf("the Secret %s cannot be written", r)
	}
	return []*bundle.Object{o}, nil
}

// Sealed tells whether the store's private keys are encrypted.
func (s *Store) Sealed() bool { return len(s.x.Recipients) > 0 }
