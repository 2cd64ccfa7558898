package certs

import (
	"errors"
	"testing"
)

// TestSecretTwice: a Secret that is to be two things is a mistake of who asks; a ConfigMap of the same name is another thing.
func TestSecretTwice(t *testing.T) {
	ref := func(name string, shape Shape) SecretRef {
		return SecretRef{Namespace: "shop", Name: name, Shape: shape}
	}
	leaf := func(refs ...SecretRef) []Request {
		return []Request{{Name: "a", Purpose: Server, DNS: []string{"a.example"}, Secrets: refs}}
	}
	split := Wanted{Certificates: leaf(ref("a", Split))}
	for _, c := range []struct {
		name    string
		wanted  []Wanted // one after the other; the last is refused, or makes so many objects
		objects int
	}{
		{"two shapes", []Wanted{{Certificates: leaf(ref("a", Pair), ref("a", PairCA))}}, 0},
		{"the second half", []Wanted{{Certificates: split.Certificates, CASecrets: []SecretRef{ref("a-cacert", CAOnly)}}}, 0},
		{"the second half, later", []Wanted{split, {CASecrets: []SecretRef{ref("a-cacert", CAOnly)}}}, 0},
		{"the second half, before", []Wanted{{CASecrets: []SecretRef{ref("a-cacert", CAOnly)}}, split}, 2},
		{"a ConfigMap and a Secret", []Wanted{{CASecrets: []SecretRef{ref("a", ConfigMap)}}, {Certificates: leaf(ref("a", Pair))}}, 2},
		{"another shape", []Wanted{split, {Certificates: leaf(ref("a", PairCA))}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t, Init{})
			var err error
			for i, w := range c.wanted {
				if _, err = s.Issue(t.Context(), w); err != nil && i < len(c.wanted)-1 {
					t.Fatal(err)
				}
			}
			var refused *RequestError
			if c.objects == 0 {
				if !errors.As(err, &refused) {
					t.Errorf("got %v", err)
				}
				return
			}
			if all, failed := s.Secrets(); err != nil || failed != nil || len(all) != c.objects {
				t.Errorf("%d objects, %v, %v", len(all), err, failed)
			}
		})
	}
}
