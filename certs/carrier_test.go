package certs

import (
	"bytes"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// carrying issues a pair and a CA alone, for Secrets of both kinds and a ConfigMap.
func carrying(t *testing.T, s *Store) {
	t.Helper()
	pair := server
	pair.Secrets = []SecretRef{{Namespace: "shop", Name: "tls", Shape: Split}, {Namespace: "shop", Name: "both", Shape: PairCA}}
	alone := []SecretRef{{Namespace: "shop", Name: "ca", Shape: CAOnly}, {Namespace: "shop", Name: "map", Shape: ConfigMap}}
	if _, err := s.Issue(t.Context(), Wanted{Certificates: []Request{pair}, CASecrets: alone}); err != nil {
		t.Fatal(err)
	}
}

// TestCarriers: what a store carries is what its Secrets hold, but for the private keys, each at a file of the store.
func TestCarriers(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "identity")
	if err := writeNew(file, []byte(identity.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string][]string{"open": nil, "sealed": {identity.Recipient().String()}} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, Init{Recipients: to})
			s.options.Identity = file
			carrying(t, s)
			objects, err := s.Secrets()
			if err != nil {
				t.Fatal(err)
			}
			s.options.Identity = ""
			all, sealed, err := s.Carriers()
			if err != nil || sealed != (to != nil) || len(all) != len(objects) {
				t.Fatal(len(all), len(objects), sealed, err)
			}
			var key string
			for i, c := range all {
				o := c.Object
				has := strings.Contains(string(objects[i].JSON), `"tls.key"`)
				if has {
					data := objects[i].Tree()["data"].(map[string]any)
					key = data["tls.key"].(string)
					text, _ := base64.StdEncoding.DecodeString(o.Tree()["data"].(map[string]any)["tls.key"].(string))
					if !bytes.HasPrefix(text, []byte("-----BEGIN PUBLIC KEY-----")) {
						t.Errorf("%s: tls.key is no public key", o.ID)
					}
				}
				if o.ID != objects[i].ID || bytes.Contains(o.JSON, []byte(key)) && key != "" || has != (c.Certificate == server.Name) {
					t.Errorf("%s: %+v", objects[i].ID, c)
				}
				want := filepath.Join(s.Dir(), "ca.crt")
				if has {
					want = filepath.Join(s.Dir(), "certs", server.Name, "tls.crt")
				}
				if at := o.At("data"); at.File != want || at.Line != 0 || !exists(at.File) {
					t.Errorf("%s is at %s", o.ID, at)
				}
			}
			if key == "" {
				t.Error("no Secret with a key")
			}
		})
	}
}
