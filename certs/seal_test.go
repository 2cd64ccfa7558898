package certs

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestSealed encrypts a store to two people: no key is on the disk as it is, either of them can use it, and nobody else.
func TestSealed(t *testing.T) {
	file, recipient := identities(t)
	second, secondRecipient := identities(t)
	stranger, _ := identities(t)
	s := newStore(t, Init{Recipients: []string{recipient, secondRecipient}})
	withIdentity := func(file string) *Store {
		o := at(start)
		o.Identity = file
		opened, err := Open(s.Dir(), o)
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	r := server
	r.Secrets = []SecretRef{{Namespace: "shop", Name: "ext", Shape: PairCA}}
	issue(t, withIdentity(file), r, other)
	issue(t, withIdentity(second), Request{Name: "third", Purpose: Client, DNS: []string{"third.example"}})
	for name, content := range listing(t, s.Dir()) {
		if key := strings.HasSuffix(name, ".key.age"); strings.HasSuffix(name, ".key") || strings.Contains(content, fmt.Sprintf("%x", "PRIVATE KEY")) || key && !strings.Contains(content, fmt.Sprintf("%x", "-----BEGIN AGE ENCRYPTED FILE-----")) {
			t.Errorf("%s is a key that is not encrypted", name)
		}
	}
	o := at(start)
	o.Identity = second
	audit(t, s.Dir(), o)
	exact(t, s.Dir())
	before := listing(t, s.Dir())
	for name, reader := range map[string]*Store{"nobody": withIdentity(""), "a stranger": withIdentity(stranger), "a file that is not there": withIdentity(filepath.Join(t.TempDir(), "none")), "no identity": withIdentity(filepath.Join(s.Dir(), indexFile))} {
		var sealed *SealedError
		_, _, pairErr := reader.Pair(server.Name)
		_, secretsErr := reader.Secrets()
		_, issueErr := reader.Issue(t.Context(), Wanted{Certificates: []Request{{Name: "new", Purpose: Server, DNS: []string{"new.example"}}}})
		_, renewErr := reader.Renew(t.Context(), nil, 0, true)
		for what, err := range map[string]error{"Pair": pairErr, "Secrets": secretsErr, "Issue": issueErr, "Renew": renewErr} {
			if err == nil || errors.As(err, &sealed) != (name == "nobody") {
				t.Errorf("%s with the identity of %s: %v", what, name, err)
			}
		}
		// What is public needs no identity, and neither does finding that there is nothing to do.
		if _, err := reader.Trust(); err != nil {
			t.Error(err)
		}
		if o, err := reader.Issue(t.Context(), Wanted{Certificates: []Request{r, other}}); err != nil || o[0].Issued {
			t.Errorf("%v, %v", o, err)
		}
	}
	unchanged(t, before, listing(t, s.Dir()))
	if _, err := Create(filepath.Join(t.TempDir(), "pki"), Init{Recipients: []string{"age1nobody"}}, at(start)); err == nil {
		t.Error("a recipient that is none")
	}
}

func unchanged(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name, content := range before {
		if after[name] != content {
			t.Errorf("%s has changed", name)
		}
	}
	for name := range after {
		if _, was := before[name]; !was {
			t.Errorf("%s is new", name)
		}
	}
}
