package certs

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/bundle"
)

// Secrets are the Secrets and ConfigMaps that carry the store's certificates and CAs, in the order of their namespaces and
// names. Of stores whose keys are encrypted, Options.Identity reads them.
func (s *Store) Secrets() ([]*bundle.Object, error) { return s.secrets(s.Pair) }

// pairs gives a certificate and a key by the certificate's name, as [Store.Pair] does.
type pairs func(name string) (certificate, key []byte, err error)

func (s *Store) secrets(pair pairs) ([]*bundle.Object, error) {
	var all []*bundle.Object
	add := func(r SecretRef, e *Entry) error {
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
	if r.Shape == Pair {
		return manifest(r, data)
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
