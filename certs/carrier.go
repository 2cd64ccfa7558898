package certs

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"path/filepath"

	"github.com/cloudflare/cfssl/helpers"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki"
)

// A Carrier is a Secret or ConfigMap of a store, to be looked at: in the place of the private key it has the public one,
// as what is read of a cluster has.
type Carrier struct {
	Object *bundle.Object
	// Certificate is the one that it carries, "" where it has CAs alone.
	Certificate string
}

// Carriers are the objects of [Store.Secrets] without private keys, and whether those of the store could not be read: then
// the public key is the certificate's, whatever key lies beside it. Each object is at a file of the store ([bundle.Live]).
func (s *Store) Carriers() (all []Carrier, sealed bool, err error) {
	objects, err := s.secrets("", func(name string) (certificate, key []byte, err error) {
		certificate, key, err = s.Pair(name)
		var unread *SealedError
		if !errors.As(err, &unread) {
			return certificate, pki.Public(key), err
		}
		sealed = true
		key, err = publicKey(certificate)
		return certificate, key, err
	})
	if err != nil {
		return nil, false, err
	}
	for _, o := range objects {
		c := Carrier{Certificate: s.carries(o)}
		source := filepath.Join(s.dir, trustFile)
		if c.Certificate != "" {
			source = filepath.Join(s.dir, linksDir, c.Certificate, "tls.crt")
		}
		if c.Object, err = bundle.Live(source, o.Tree()); err != nil {
			return nil, false, err
		}
		all = append(all, c)
	}
	return all, sealed, nil
}

// Carried counts the Secrets, and ConfigMaps, that carry something of the store; one with another for its CA counts once.
func (s *Store) Carried() int {
	n := len(s.x.CASecrets)
	for _, e := range s.x.Entries {
		n += len(e.Secrets)
	}
	return n
}

// carries names the certificate that an object of the store carries, or "".
func (s *Store) carries(o *bundle.Object) string {
	for _, e := range s.x.Entries {
		for _, r := range e.Secrets {
			if r.Namespace == o.Namespace && r.Name == o.Name && r.Shape.hasPair() {
				return e.Name
			}
		}
	}
	return ""
}

// publicKey is that of the first of some certificates.
func publicKey(chain []byte) ([]byte, error) {
	all, err := helpers.ParseCertificatesPEM(chain)
	if err != nil || len(all) == 0 {
		return nil, errors.New("the certificate cannot be read: it is not PEM with CERTIFICATE blocks")
	}
	key, err := x509.MarshalPKIXPublicKey(all[0].PublicKey)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: key}), err
}
