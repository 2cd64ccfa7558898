package certs

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestIdempotent asks for the same again, with names and Secrets in another order: not a byte of the folder changes, and
// the index is not written.
func TestIdempotent(t *testing.T) {
	for _, key := range Keys[:3] {
		t.Run(string(key), func(t *testing.T) {
			s := newStore(t, Init{})
			w := func() Wanted {
				r := server
				r.Key = key
				r.Secrets = []SecretRef{{Namespace: "b", Name: "b", Shape: Split}, {Namespace: "a", Name: "a", Shape: PairCA, Peer: "partner"}}
				return Wanted{
					Certificates: []Request{r, other}, Peers: map[string][]byte{"partner": []byte(partner)},
					CASecrets: []SecretRef{{Namespace: "c", Name: "c", Shape: ConfigMap}, {Namespace: "b", Name: "c", Shape: CAOnly}},
				}
			}
			if _, err := s.Issue(t.Context(), w()); err != nil {
				t.Fatal(err)
			}
			before, stamp := listing(t, s.Dir()), written(t, s)
			again := w()
			slices.Reverse(again.Certificates)
			slices.Reverse(again.CASecrets)
			for i := range again.Certificates {
				again.Certificates[i].DNS = slices.Clone(again.Certificates[i].DNS)
				slices.Reverse(again.Certificates[i].DNS)
				slices.Reverse(again.Certificates[i].Secrets)
			}
			opened, err := Open(s.Dir(), at(start.Add(day)))
			if err != nil {
				t.Fatal(err)
			}
			outcomes, err := opened.Issue(t.Context(), again)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range outcomes {
				if o.Issued || o.Why != "" {
					t.Errorf("%s was issued anew: %s", o.Name, o.Why)
				}
			}
			unchanged(t, before, listing(t, s.Dir()))
			if got := written(t, s); got != stamp {
				t.Errorf("the index was written again")
			}
		})
	}
}

// written tells one writing of the index from another: it is another file.
func written(t *testing.T, s *Store) string {
	t.Helper()
	info, err := os.Stat(filepath.Join(s.Dir(), indexFile))
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime().String()
}

// TestStale asks for something else of each kind, and gets a new certificate, and is told why.
func TestStale(t *testing.T) {
	for why, change := range map[string]func(*Request){
		"it differs in purpose":               func(r *Request) { r.Purpose = Client },
		"it differs in common name":           func(r *Request) { r.CommonName = "" },
		"it differs in names":                 func(r *Request) { r.IPs = nil },
		"it differs in kind of key":           func(r *Request) { r.Key = "ecdsa-384" },
		"it differs in validity":              func(r *Request) { r.Validity = 30 * day },
		"it differs in common name, validity": func(r *Request) { r.CommonName, r.Validity = "other", 30*day },
	} {
		t.Run(why, func(t *testing.T) {
			s := newStore(t, Init{})
			first := issue(t, s, server)[0].Entry
			r := server
			change(&r)
			o := issue(t, s, r)[0]
			if !o.Issued || o.Why != why || o.Entry.Serial == first.Serial {
				t.Errorf("%+v", o)
			}
			audit(t, s.Dir(), at(start))
			exact(t, s.Dir())
		})
	}
}
