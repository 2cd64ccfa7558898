package certs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestReadOnly takes the right to write from each folder of a store in turn: what cannot be done is an error, and the store
// is as it was.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	for _, folder := range []string{"", versionsDir} {
		t.Run("pki/"+folder, func(t *testing.T) {
			s := newStore(t, Init{})
			issue(t, s, server)
			locked := filepath.Join(s.Dir(), folder)
			if err := os.Chmod(locked, 0o500); err != nil {
				t.Fatal(err)
			}
			before := listing(t, s.Dir())
			_, err := s.Issue(t.Context(), Wanted{Certificates: []Request{other}})
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%v", err)
			}
			unchanged(t, before, listing(t, s.Dir()))
			if err := os.Chmod(locked, 0o700); err != nil {
				t.Fatal(err)
			}
			issue(t, s, other)
			exact(t, s.Dir())
		})
	}
	parent := t.TempDir()
	if err := os.Chmod(parent, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(parent, "pki"), Init{}, at(start)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}
