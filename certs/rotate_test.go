package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki/pkitest"
)

// side is what one side of TLS has at a stage.
type side struct {
	trust          []byte
	server, client tls.Certificate
}

func sideOf(t testing.TB, s *Store) side {
	t.Helper()
	var all side
	var err error
	if all.trust, err = s.Trust(); err != nil {
		t.Fatal(err)
	}
	for name, into := range map[string]*tls.Certificate{"shop.ext": &all.server, "shop.client": &all.client} {
		certificate, key, err := s.Pair(name)
		if err != nil {
			t.Fatal(err)
		}
		if *into, err = tls.X509KeyPair(certificate, key); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// meet is a handshake with mutual TLS: the error of either side.
func meet(t testing.TB, server, client side) error {
	t.Helper()
	pool := func(pem []byte) *x509.CertPool {
		p := x509.NewCertPool()
		if !p.AppendCertsFromPEM(pem) {
			t.Fatal("no CA to trust")
		}
		return p
	}
	now := func() time.Time { return start.Add(time.Hour) }
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	answer := make(chan error, 1)
	go func() {
		answer <- tls.Server(a, &tls.Config{
			Certificates: []tls.Certificate{server.server}, ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs: pool(server.trust), Time: now, MaxVersion: tls.VersionTLS12, // so that the client hears of a refusal
		}).Handshake()
		a.Close()
	}()
	err := tls.Client(b, &tls.Config{
		ServerName: "ext.example", RootCAs: pool(client.trust), Time: now,
		// Whatever CAs the server names: that is how proxies do it.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &client.client, nil },
	}).Handshake()
	b.Close()
	return errors.Join(err, <-answer)
}

// TestRotationMatrix holds the promise of the stages: each gets along with its neighbours. And it shows why the others are
// refused: none of them does.
func TestRotationMatrix(t *testing.T) {
	for _, kind := range []string{"own", "given"} {
		t.Run(kind, func(t *testing.T) {
			root := pkitest.Root("old root", year(2030))
			middle := root.CA("old CA", year(2030))
			i := Init{}
			var r Rotation
			if kind == "given" {
				i.Chain, i.PrivateKey = middle.PEM(root), middle.KeyPEM()
				next := pkitest.Root("new root", year(2030))
				r.Chain, r.PrivateKey = next.PEM(), next.KeyPEM()
			}
			s := newStore(t, i)
			issue(t, s, server, Request{Name: "shop.client", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders"}})
			names := []string{"steady"}
			sides := []side{sideOf(t, s)}
			for _, stage := range Stages {
				if _, err := s.Rotate(t.Context(), r); err != nil {
					t.Fatal(stage, err)
				}
				r = Rotation{}
				names, sides = append(names, string(stage)), append(sides, sideOf(t, s))
			}
			for i, server := range sides {
				for j, client := range sides {
					err := meet(t, server, client)
					if adjacent := i-j < 2 && j-i < 2; adjacent != (err == nil) {
						t.Errorf("server at %s, client at %s: %v", names[i], names[j], err)
					}
				}
			}
		})
	}
}

// year makes a certificate valid while the tests are.
func year(from int) pkitest.Edit {
	return func(t *pkitest.Template) {
		t.NotBefore = time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC)
		t.NotAfter = t.NotBefore.AddDate(10, 0, 0)
	}
}

// rotated is a store that has come to a stage.
func rotated(t testing.TB, to Stage) *Store {
	t.Helper()
	s := newStore(t, Init{})
	issue(t, s, withSecret(server, "shop/ext"))
	for s.Stage() != to {
		if _, err := s.Rotate(t.Context(), Rotation{}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func withSecret(r Request, refs ...string) Request {
	for _, text := range refs {
		ref, err := ParseSecretRef(text)
		if err != nil {
			panic(err)
		}
		r.Secrets = append(r.Secrets, ref)
	}
	return r
}

func TestRotateSteps(t *testing.T) {
	for _, at := range []Stage{Steady, Trust, Leaves} {
		for _, to := range Stages {
			s := rotated(t, at)
			before := contents(t, s.Dir())
			done, err := s.Rotate(t.Context(), Rotation{To: to})
			var refused *StageError
			switch {
			case to == at:
				if err != nil || done.To != at || !sameContents(before, contents(t, s.Dir())) {
					t.Errorf("%s once more: %+v, %v", to, done, err)
				}
			case to == at.Next():
				if err != nil || s.Stage() != map[Stage]Stage{Trust: Trust, Leaves: Leaves, Retire: Steady}[to] {
					t.Errorf("%s from %s: now at %s, %v", to, at, s.Stage(), err)
				}
			case !errors.As(err, &refused) || !sameContents(before, contents(t, s.Dir())):
				t.Errorf("%s from %s was not refused: %v", to, at, err)
			}
		}
	}
}

// TestRotateAway looks at what is left at the end: nothing of the old CA.
func TestRotateAway(t *testing.T) {
	s := newStore(t, Init{})
	issue(t, s, withSecret(server, "shop/ext"))
	old := s.Authorities()[0]
	var all []Rotated
	for range Stages {
		done, err := s.Rotate(t.Context(), Rotation{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, done)
		// What is asked for stays as it is at every stage, for nothing is due.
		for _, o := range issue(t, s, withSecret(server, "shop/ext")) {
			if o.Issued {
				t.Errorf("at %s, %s", s.Stage(), o.Why)
			}
		}
		if done, err := s.Renew(t.Context(), nil, 0, true); err != nil || done[0].Entry.Authority != s.x.Signing {
			t.Errorf("renewed at %s: %+v, %v", s.Stage(), done, err)
		}
	}
	if len(all[0].Added) != 1 || all[0].Added[0].Subject == old.Subject || len(all[1].Issued) != 1 || len(all[2].Gone) != 1 || all[2].Gone[0] != old {
		t.Errorf("%+v", all)
	}
	for name, data := range contents(t, s.Dir()) {
		if strings.Contains(name, old.Serial) || bytes.Contains(data, []byte(old.Serial)) {
			t.Error(name, "still has to do with the old CA")
		}
	}
	if len(s.x.Entries[0].Secrets) != 1 {
		t.Error("the Secrets are forgotten")
	}
}

// contents is what a folder holds, but for the lock.
func contents(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == lockFile {
			return err
		}
		data, err := os.ReadFile(name)
		if entry.Type()&os.ModeSymlink != 0 {
			target, err := os.Readlink(name)
			all[name] = []byte(target)
			return err
		}
		all[name] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sameContents(a, b map[string][]byte) bool {
	for name := range b {
		if _, ok := a[name]; !ok {
			return false
		}
	}
	for name, data := range a {
		if !bytes.Equal(data, b[name]) {
			return false
		}
	}
	return true
}

func TestRotateForeign(t *testing.T) {
	root := pkitest.Root("theirs", year(2030))
	s := newStore(t, Init{Chain: root.PEM(), PrivateKey: root.KeyPEM()})
	var foreign *ForeignError
	if _, err := s.Rotate(t.Context(), Rotation{}); !errors.As(err, &foreign) {
		t.Error(err)
	}
	if _, err := s.Rotate(t.Context(), Rotation{Chain: root.PEM(), PrivateKey: root.KeyPEM()}); err == nil || !strings.Contains(err.Error(), "already") {
		t.Error(err)
	}
	if _, err := s.Rotate(t.Context(), Rotation{Subject: Subject{CommonName: "ours"}}); err != nil || s.Stage() != Trust {
		t.Error(err)
	}
	if _, err := s.Rotate(t.Context(), Rotation{}); err != nil || s.x.signs().Kind != Local {
		t.Error(err, s.x.signs())
	}
}

func TestRotateSealed(t *testing.T) {
	identity, recipient := identities(t)
	s, err := Create(filepath.Join(t.TempDir(), "pki"), Init{Recipients: []string{recipient}}, Options{Now: at(start).Now, Identity: identity})
	if err != nil {
		t.Fatal(err)
	}
	issue(t, s, server)
	for range Stages {
		if _, err := s.Rotate(context.Background(), Rotation{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range contents(t, s.Dir()) {
		if bytes.Contains(data, []byte("PRIVATE KEY")) {
			t.Error(name, "holds a key in the clear")
		}
	}
}

func TestSuccessor(t *testing.T) {
	for name, want := range map[string]string{"shop CA": "shop CA G2", "shop CA G2": "shop CA G3", "G9": "G9 G2", "shop G19": "shop G20"} {
		if got := (Subject{CommonName: name}).successor().CommonName; got != want {
			t.Errorf("after %s comes %s", name, got)
		}
	}
}

// TestApplied steps through a rotation with a cluster that lags behind: no step before the last one is there, whichever of
// the Secrets it is that lags.
func TestApplied(t *testing.T) {
	s := newStore(t, Init{})
	client := Request{Name: "shop.client", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders"}}
	peer := pkitest.Root("partner", year(2030))
	foreign := SecretRef{Namespace: "shop", Name: "partner", Shape: PairCA, Peer: "partner"}
	client.Secrets = []SecretRef{foreign}
	_, err := s.Issue(t.Context(), Wanted{
		Certificates: []Request{withSecret(server, "mesh/gateway=split", "mesh/simple=pair"), client},
		CASecrets:    []SecretRef{{Namespace: "shop", Name: "ca", Shape: ConfigMap}, {Namespace: "shop", Name: "anchor", Shape: CAOnly}},
		Peers:        map[string][]byte{"partner": peer.PEM()},
	})
	if err != nil {
		t.Fatal(err)
	}
	behind := cluster(t, s)
	for range Stages {
		at := s.Stage()
		now := cluster(t, s)
		var lag *NotAppliedError
		// Which of them the last step changed.
		var changed []string
		for _, o := range now.Objects {
			if old := find(behind, o.ID); !bytes.Equal(old.JSON, o.JSON) {
				changed = append(changed, o.ID.String())
				mixed := &bundle.Bundle{Objects: append(slices.DeleteFunc(slices.Clone(now.Objects), func(x *bundle.Object) bool { return x.ID == o.ID }), old)}
				_, err := s.Rotate(t.Context(), Rotation{Deployed: mixed})
				if at != Steady && (!errors.As(err, &lag) || len(lag.Lacks) != 1 || !strings.HasPrefix(lag.Lacks[0], o.ID.String())) {
					t.Errorf("at %s, %s lags: %v", at, o.ID, err)
				}
			}
			without := &bundle.Bundle{Objects: slices.DeleteFunc(slices.Clone(now.Objects), func(x *bundle.Object) bool { return x.ID == o.ID })}
			if _, err := s.Rotate(t.Context(), Rotation{Deployed: without}); !errors.As(err, &lag) {
				t.Errorf("at %s, without %s: %v", at, o.ID, err)
			}
		}
		if want := map[Stage]int{Steady: 0, Trust: 3, Leaves: 3}[at]; len(changed) != want {
			t.Errorf("at %s, changed: %v", at, changed)
		}
		behind = now
		if _, err := s.Rotate(t.Context(), Rotation{Deployed: now}); err != nil {
			t.Fatal(err)
		}
	}
}

func find(b *bundle.Bundle, id bundle.ID) *bundle.Object {
	for _, o := range b.Objects {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// cluster is what oc get secret,configmap -o yaml would give after the Secrets were applied.
func cluster(t testing.TB, s *Store) *bundle.Bundle {
	t.Helper()
	objects, err := s.Secrets()
	if err != nil {
		t.Fatal(err)
	}
	var items []any
	for _, o := range objects {
		items = append(items, json.RawMessage(o.JSON))
	}
	list, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Read("-", bytes.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func identities(t testing.TB) (file, recipient string) {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(file, []byte(i.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, i.Recipient().String()
}

// TestRetireLeft has one certificate of the old CA left, as an index that was mended by hand may have.
func TestRetireLeft(t *testing.T) {
	s := rotated(t, Leaves)
	err := s.update(t.Context(), func(c *change) error {
		c.Entries[0].Authority, c.dirty = c.Authorities[0].Serial, true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var refused *StageError
	if _, err := s.Rotate(t.Context(), Rotation{}); !errors.As(err, &refused) || !strings.Contains(refused.Why, "shop.ext") || s.Stage() != Leaves {
		t.Error(err)
	}
}
