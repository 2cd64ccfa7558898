package certs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLedElsewhere has a folder of the store be a link, as one that came from somebody else may: nothing is changed where it
// leads.
func TestLedElsewhere(t *testing.T) {
	for _, folder := range []string{linksDir, versionsDir} {
		t.Run(folder, func(t *testing.T) {
			s := newStore(t, Init{})
			victim := t.TempDir()
			at := filepath.Join(s.Dir(), folder)
			if err := os.CopyFS(victim, os.DirFS(at)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(victim, "diary"), []byte("dear\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(at); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(victim, at); err != nil {
				t.Fatal(err)
			}
			before := listing(t, victim)
			_, err := s.Issue(t.Context(), Wanted{Certificates: []Request{{Name: "a", Purpose: Server, DNS: []string{"a.example"}}}})
			if err == nil || !strings.Contains(err.Error(), folder+" is not a folder of the store") {
				t.Errorf("got %v", err)
			}
			unchanged(t, before, listing(t, victim))
		})
	}
}

// TestStrangers: what people have laid into the folders of a store outlives its changes.
func TestStrangers(t *testing.T) {
	s := newStore(t, Init{})
	strangers := []string{filepath.Join(linksDir, "partner.pem"), filepath.Join(versionsDir, "notes")}
	for _, name := range strangers {
		if err := os.WriteFile(filepath.Join(s.Dir(), name), []byte("mine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	backup := filepath.Join(versionsDir, "backup")
	if err := os.Mkdir(filepath.Join(s.Dir(), backup), 0o700); err != nil {
		t.Fatal(err)
	}
	issue(t, s, Request{Name: "a", Purpose: Server, DNS: []string{"a.example"}})
	for _, name := range append(strangers, backup) {
		if !exists(filepath.Join(s.Dir(), name)) {
			t.Errorf("%s is gone", name)
		}
	}
}
