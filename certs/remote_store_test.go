package certs

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRemoteStore: a store whose CA is at a real CFSSL server issues, renews and stays as it is like any other, and holds
// neither the CA's key nor the one that authenticates.
func TestRemoteStore(t *testing.T) {
	server := serveCFSSL(t, partly, newStoreNow(t))
	key := filepath.Join(t.TempDir(), "auth.key")
	if err := os.WriteFile(key, []byte(keyNow), 0o600); err != nil {
		t.Fatal(err)
	}
	source := &RemoteSource{URL: server.url, KeyFile: key, ServerCA: server.options.ServerCA}
	s, err := Create(filepath.Join(t.TempDir(), "pki"), Init{Chain: server.options.Chain, Remote: source}, at(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	wanted := []Request{remoteServer, remoteClient}
	for i := range wanted {
		wanted[i].Validity = DefaultValidity
	}
	for i, o := range issue(t, s, wanted...) {
		if !o.Issued || o.Short || o.Entry.Authority != s.Authorities()[0].Serial {
			t.Errorf("%s: %+v", wanted[i].Name, o)
		}
		pairOf(t, s, wanted[i].Name)
	}
	for _, o := range issue(t, s, wanted...) {
		if o.Issued {
			t.Errorf("%s is issued again: %s", o.Name, o.Why)
		}
	}
	if renewed, err := s.Renew(t.Context(), []string{remoteClient.Name}, 0, true); err != nil || !renewed[0].Issued {
		t.Error(renewed, err)
	}
	err = filepath.WalkDir(s.Dir(), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Type() == fs.ModeSymlink {
			return err
		}
		data, err := os.ReadFile(name)
		if e.Name() == "ca.key" || bytes.Contains(data, []byte(keyNow)) {
			t.Errorf("%s is not for the store", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	// Without the key, and with another, nothing is issued and nothing changes.
	before, err := os.ReadFile(filepath.Join(s.Dir(), indexFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, []byte("00112233445566778899aabbccddeeff"), 0o600); err != nil {
		t.Fatal(err)
	}
	var refused *RemoteError
	if _, err := s.Renew(t.Context(), nil, 0, true); !errors.As(err, &refused) {
		t.Errorf("by another key: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(s.Dir(), indexFile)); err != nil || !bytes.Equal(before, after) {
		t.Error("the index has changed", err)
	}
}
