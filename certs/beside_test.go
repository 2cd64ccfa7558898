package certs

import (
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestBeside has Secrets of another store stand where one's own should.
func TestBeside(t *testing.T) {
	requests := []Request{withSecret(server, "mesh/shop"), withSecret(orders, "shop/orders=split")}
	s, other := newStore(t, Init{}), newStore(t, Init{Subject: Subject{CommonName: "other"}})
	issue(t, s, requests...)
	issue(t, other, requests...)
	for name, of := range map[string]*Store{"its own": s, "of another": other} {
		found, err := s.Beside(cluster(t, of))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range found {
			got[f.Object.String()] += f.Rule
		}
		want := map[string]string{"Secret mesh/shop": "MSH226", "Secret shop/orders": "MSH225", "Secret shop/orders-cacert": "MSH226"}
		if of == s && len(got) > 0 || of == other && len(got) != len(want) {
			t.Errorf("%s: %v", name, got)
		}
		for object, rule := range got {
			if rule != want[object] {
				t.Errorf("%s: %s: %s", name, object, rule)
			}
		}
	}
	// The right certificate with others' CA, and the right CA with a certificate for another name.
	both := cluster(t, s)
	ca, _ := s.Trust()
	leaf, key, _ := s.Pair("shop.ext")
	swap := func(certificate, authority []byte) string {
		objects, err := manifest(SecretRef{Namespace: "mesh", Name: "shop", Shape: PairCA}, map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.crt": authority})
		if err != nil {
			t.Fatal(err)
		}
		b := *both
		b.Objects = objects
		found, err := s.Beside(&b)
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		return found[0].Rule
	}
	if rule := swap(leaf, pkitest.Root("x").PEM()); rule != "MSH225" {
		t.Error(rule)
	}
	issue(t, s, Request{Name: "elsewhere", Purpose: Server, DNS: []string{"elsewhere.example"}})
	elsewhere, _, _ := s.Pair("elsewhere")
	if rule := swap(elsewhere, ca); rule != "MSH227" {
		t.Error(rule)
	}
}
