package certs

import (
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// lasting gives a certificate its dates.
func lasting(from, to time.Time) pkitest.Edit {
	return func(t *pkitest.Template) { t.NotBefore, t.NotAfter = from, to }
}

// TestGivenRefused: a CA from elsewhere whose certificates everybody would refuse does not become a store's.
func TestGivenRefused(t *testing.T) {
	long := lasting(start.Add(-day), start.Add(1000*day))
	root := pkitest.Root("Corporate", long)
	middle := root.CA("Middle", long)
	for _, c := range []struct {
		name, want string
		chain      []*pkitest.Pair
	}{
		{"another root of the same name", "does not lead to a root", []*pkitest.Pair{middle, pkitest.Root("Corporate", long)}},
		{"not valid yet", "is not valid before", []*pkitest.Pair{pkitest.Root("Future", lasting(start.Add(day), start.Add(90*day)))}},
		{"expired", "expired on", []*pkitest.Pair{pkitest.Root("Past", lasting(start.Add(-9*day), start.Add(-day)))}},
		{"its root has expired", "does not lead to a root", expiredAbove(long)},
		{"a weak key", "2048 are the least", []*pkitest.Pair{pkitest.Root("Weak", long, func(t *pkitest.Template) { t.Key = pkitest.RSA(1024) })}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := Create(dir, Init{Chain: c.chain[0].PEM(c.chain[1:]...), PrivateKey: c.chain[0].KeyPEM()}, at(start))
			var refused *AuthorityError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func expiredAbove(long pkitest.Edit) []*pkitest.Pair {
	root := pkitest.Root("Past", lasting(start.Add(-9*day), start.Add(-day)))
	return []*pkitest.Pair{root.CA("Middle", long), root}
}

// TestGivenLimited: what a CA from elsewhere may not issue is not issued, and what it may is.
func TestGivenLimited(t *testing.T) {
	long := lasting(start.Add(-day), start.Add(1000*day))
	root := pkitest.Root("Corporate", long)
	client := Request{Name: "orders", Purpose: Client, DNS: []string{"orders.corp.example"}}
	server := Request{Name: "shop", Purpose: Server, DNS: []string{"shop.corp.example"}}
	other := Request{Name: "other", Purpose: Client, DNS: []string{"orders.other.example"}}
	for _, c := range []struct {
		name     string
		edit     pkitest.Edit
		may, not []Request
	}{
		{"clients only", func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, []Request{client, other}, []Request{server}},
		{"some names only", func(t *pkitest.Template) {
			t.PermittedDNSDomains, t.PermittedDNSDomainsCritical = []string{"corp.example"}, true
		}, []Request{client, server}, []Request{other}},
	} {
		t.Run(c.name, func(t *testing.T) {
			middle := root.CA("Middle", long, c.edit)
			s := newStore(t, Init{Chain: middle.PEM(root), PrivateKey: middle.KeyPEM()})
			issue(t, s, c.may...)
			before := listing(t, s.Dir())
			for _, r := range c.not {
				_, err := s.Issue(t.Context(), Wanted{Certificates: []Request{r}})
				var refused *AuthorityError
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), "certificate "+r.Name+", for a "+string(r.Purpose)) {
					t.Errorf("%s: got %v", r.Name, err)
				}
			}
			unchanged(t, before, listing(t, s.Dir()))
		})
	}
}

// TestGivenEndsAbove: a root that ends before the CA below it ends what that signs.
func TestGivenEndsAbove(t *testing.T) {
	end := start.Add(20 * day)
	root := pkitest.Root("Corporate", lasting(start.Add(-day), end))
	middle := root.CA("Middle", lasting(start.Add(-day), start.Add(1000*day)))
	s := newStore(t, Init{Chain: middle.PEM(root), PrivateKey: middle.KeyPEM()})
	made := issue(t, s, Request{Name: "shop", Purpose: Server, DNS: []string{"shop.example"}})
	if got := made[0].Entry.NotAfter; !got.Equal(end.UTC().Truncate(time.Second)) || !made[0].Short {
		t.Errorf("it ends on %s, its root on %s", got, end)
	}
	if !slices.ContainsFunc(s.Status(0).Authorities, func(a AuthorityStatus) bool { return a.State == Renewal }) {
		t.Error("its CA does not count as due")
	}
	if found, _, err := s.Verify(); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

// TestGivenOldRoot: corporate roots of the days of SHA-1 are roots.
func TestGivenOldRoot(t *testing.T) {
	long := lasting(start.Add(-day), start.Add(1000*day))
	root := pkitest.Root("Old", long, func(t *pkitest.Template) { t.Key, t.SignatureAlgorithm = pkitest.RSA(2048), x509.SHA1WithRSA })
	middle := root.CA("Middle", long)
	s := newStore(t, Init{Chain: middle.PEM(root), PrivateKey: middle.KeyPEM()})
	issue(t, s, Request{Name: "shop", Purpose: Server, DNS: []string{"shop.example"}})
	if trust, err := s.Trust(); err != nil || string(trust) != string(root.PEM()) {
		t.Error("it is not what is trusted", err)
	}
}
