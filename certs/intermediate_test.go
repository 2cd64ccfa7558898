package certs

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudflare/cfssl/helpers"
)

func clusterCA(mesh string) Request {
	return Request{
		Name: mesh + ".cacerts", Purpose: Intermediate, CommonName: "CA of mesh " + mesh,
		Secrets: []SecretRef{{Namespace: "istio-system", Name: "cacerts", Shape: CACerts, Cluster: mesh}},
	}
}

// TestIntermediates: two clusters have Secrets of one name, each with a CA of its own that signs leaves only, and one root.
func TestIntermediates(t *testing.T) {
	s := newStore(t, Init{Intermediates: true})
	issue(t, s, clusterCA("east"), clusterCA("west"), server)
	if all, err := s.Secrets(); err != nil || len(all) != 0 {
		t.Errorf("without a cluster: %d Secrets, %v", len(all), err)
	}
	held := map[string]map[string]string{}
	for _, mesh := range []string{"east", "west"} {
		objects, err := s.SecretsOf(mesh)
		if err != nil || len(objects) != 1 {
			t.Fatalf("%s: %d Secrets, %v", mesh, len(objects), err)
		}
		held[mesh] = map[string]string{}
		for name, value := range objects[0].Tree()["data"].(map[string]any) {
			text, err := base64.StdEncoding.DecodeString(value.(string))
			if err != nil {
				t.Fatal(err)
			}
			held[mesh][name] = string(text)
		}
		ca, err := helpers.ParseCertificatePEM([]byte(held[mesh]["ca-cert.pem"]))
		if err != nil {
			t.Fatal(err)
		}
		root, err := helpers.ParseCertificatePEM([]byte(held[mesh]["root-cert.pem"]))
		if err != nil {
			t.Fatal(err)
		}
		if err := ca.CheckSignatureFrom(root); err != nil {
			t.Errorf("%s: %v", mesh, err)
		}
		if !ca.IsCA || ca.MaxPathLen != 0 || !ca.MaxPathLenZero || root.MaxPathLen != 1 {
			t.Errorf("%s: path lengths %d, of the root %d", mesh, ca.MaxPathLen, root.MaxPathLen)
		}
		if _, err := readAuthority([]byte(held[mesh]["ca-cert.pem"]), []byte(held[mesh]["ca-key.pem"])); err != nil {
			t.Errorf("%s: %v", mesh, err)
		}
	}
	if held["east"]["root-cert.pem"] != held["west"]["root-cert.pem"] || held["east"]["ca-cert.pem"] == held["west"]["ca-cert.pem"] {
		t.Error("the root is to be one, and each CA its own")
	}
}

// TestNoIntermediates: a CA that may sign leaves only does not sign what would be worth nothing.
func TestNoIntermediates(t *testing.T) {
	s := newStore(t, Init{})
	_, err := s.Issue(t.Context(), Wanted{Certificates: []Request{clusterCA("east")}})
	var wrong *AuthorityError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "--intermediates") {
		t.Errorf("got %v", err)
	}
	for name, r := range map[string]Request{
		"no name":           {Name: "a", Purpose: Intermediate},
		"a leaf as cacerts": {Name: "a", Purpose: Server, DNS: []string{"a.example"}, Secrets: clusterCA("a").Secrets},
		"a CA as a pair":    {Name: "a", Purpose: Intermediate, CommonName: "a", Secrets: []SecretRef{{Namespace: "a", Name: "b", Shape: Pair}}},
	} {
		if err := r.check(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestVerifyIntermediates: CAs of clusters are judged as CAs, by whoever is to believe what they sign.
func TestVerifyIntermediates(t *testing.T) {
	s := newStore(t, Init{Intermediates: true})
	issue(t, s, clusterCA("east"), clusterCA("west"))
	if got := verify(t, s); got != "" {
		t.Errorf("sound, and yet %s", got)
	}
	another := newStore(t, Init{Intermediates: true})
	issue(t, another, clusterCA("east"))
	leaf := newStore(t, Init{})
	issue(t, leaf, server)
	for _, c := range []struct {
		from *Store
		name string
		want string
	}{
		{another, "east.cacerts", "certs/east.cacerts/tls.crt MSH226 unknown-ca"},
		{leaf, server.Name, "certs/east.cacerts/tls.crt MSH514 not-ca"},
	} {
		certificate, key, err := c.from.Pair(c.name)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"tls.crt": certificate, "tls.key": key} {
			if err := os.WriteFile(filepath.Join(s.Dir(), linksDir, "east.cacerts", name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := verify(t, s); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
