package certs

import (
	"errors"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestPeerRefused gives what cannot verify the other side: nothing of it is kept.
func TestPeerRefused(t *testing.T) {
	long := lasting(start.Add(-day), start.Add(1000*day))
	past := pkitest.Root("Past", lasting(start.Add(-9*day), start.Add(-day)))
	partner := pkitest.Root("Partner", long)
	for _, c := range []struct {
		name, want string
		pem        []byte
	}{
		{"a private key", "not PEM with CERTIFICATE blocks", partner.KeyPEM()},
		{"nothing", "not PEM with CERTIFICATE blocks", nil},
		{"a server's certificate", "is no CA: it was issued by CN=Partner", partner.Leaf([]string{"shop.example"}, long).PEM()},
		{"expired", "CN=Past expired on", past.PEM()},
		{"expired, beside one that has not", "", past.PEM(partner)},
		{"a CA", "", partner.PEM()},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t, Init{})
			before := listing(t, s.Dir())
			ref := SecretRef{Namespace: "shop", Name: "partner", Shape: CAOnly, Peer: "partner"}
			_, err := s.Issue(t.Context(), Wanted{CASecrets: []SecretRef{ref}, Peers: map[string][]byte{"partner": c.pem}})
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var refused *AuthorityError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			unchanged(t, before, listing(t, s.Dir()))
		})
	}
}
