package pki

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestCredential: which Secrets a proxy's question leads to, and what is missing there.
func TestCredential(t *testing.T) {
	w := world
	pair, full := w.direct.Secret(nil), w.direct.Secret(w.root)
	ca := map[string][]byte{"ca.crt": w.root.PEM()}
	both := with(full, "cert", w.leaf.PEM(w.middle), "key", w.leaf.KeyPEM(), "cacert", w.other.PEM())
	for _, c := range []struct {
		name    string
		secrets map[string]map[string][]byte
		use     Use
		want    string
		served  Served
		from    string
	}{
		{"server", map[string]map[string][]byte{"x": pair}, GatewaySimple, "", Served{Cert: "tls.crt", Key: "tls.key"}, ""},
		{"server, its CA is not looked at", map[string]map[string][]byte{"x": with(pair, "ca.crt", "bad")}, GatewaySimple, "", Served{Cert: "tls.crt", Key: "tls.key"}, ""},
		{"nothing", nil, GatewaySimple, "MSH501 missing !", Served{}, ""},
		{"mutual without CA", map[string]map[string][]byte{"x": pair}, GatewayMutual, "MSH504 no-ca !", Served{Cert: "tls.crt", Key: "tls.key"}, ""},
		{"mutual", map[string]map[string][]byte{"x": full}, GatewayMutual, "", Served{Cert: "tls.crt", Key: "tls.key", CA: "ca.crt"}, ""},
		{"CA apart", map[string]map[string][]byte{"x": pair, "x-cacert": ca}, GatewayMutual, "", Served{Cert: "tls.crt", Key: "tls.key", CA: "ca.crt"}, "x-cacert"},
		{"CA apart alone counts", map[string]map[string][]byte{"x": full, "x-cacert": pair}, ClientMutual, "MSH504 no-ca !", Served{Cert: "tls.crt", Key: "tls.key"}, "x-cacert"},
		{"client", map[string]map[string][]byte{"x": ca}, ClientSimple, "", Served{CA: "ca.crt"}, ""},
		{"client, CA apart", map[string]map[string][]byte{"x-cacert": ca}, ClientSimple, "", Served{CA: "ca.crt"}, "x-cacert"},
		{"client without CA", map[string]map[string][]byte{"x": pair}, ClientSimple, "MSH504 no-ca !", Served{}, ""},
		{"client, nothing", nil, ClientSimple, "MSH501 missing !", Served{}, ""},
		{"mutual with CA only", map[string]map[string][]byte{"x": ca}, ClientMutual, "MSH519 no-pair !", Served{CA: "ca.crt"}, ""},
		{"generic first", map[string]map[string][]byte{"x": both}, ClientMutual, "MSH519 shadowed ca.crt, MSH519 shadowed tls.crt, MSH519 shadowed tls.key", Served{Cert: "cert", Key: "key", CA: "cacert"}, ""},
		{"half", map[string]map[string][]byte{"x": {"tls.crt": w.direct.PEM(), "key": w.direct.KeyPEM()}}, GatewaySimple, "MSH519 no-pair !, MSH519 half-pair cert!", Served{}, ""},
		{"strange keys", map[string]map[string][]byte{"x": {"server.pem": w.direct.PEM()}}, GatewaySimple, "MSH519 no-pair !, MSH519 unknown-keys !", Served{}, ""},
		{"empty", map[string]map[string][]byte{"x": {"tls.crt": nil, "tls.key": nil}}, GatewaySimple, "MSH519 empty !, MSH519 no-pair !", Served{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, faults := new(Reader).Credential("x", c.use, func(name string) (Secret, bool) {
				data, ok := c.secrets[name]
				return Secret{"Opaque", data}, ok
			})
			if got := said(faults); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if m.Served != c.served || m.CASecret != c.from {
				t.Errorf("served %+v from %q", m.Served, m.CASecret)
			}
			if (m.Served.CA != "") != (len(m.CA) > 0) || (m.Served.Cert != "") != (len(m.Chain) > 0) {
				t.Errorf("%d CAs and %d certificates of %+v", len(m.CA), len(m.Chain), m.Served)
			}
		})
	}
	_, faults := (*Reader)(nil).Credential("x-cacert", GatewaySimple, func(string) (Secret, bool) { return Secret{"", pair}, true })
	if got := said(faults); !strings.HasPrefix(got, "MSH512 suffix-name !") {
		t.Errorf("a pair by the name of a CA: %s", got)
	}
}

func TestTypes(t *testing.T) {
	w := world
	for _, c := range []struct {
		kind string
		data map[string][]byte
		want string
	}{
		{"kubernetes.io/tls", w.direct.Secret(nil), ""},
		{"kubernetes.io/tls", map[string][]byte{"ca.crt": w.root.PEM()}, "MSH519 admission tls.crt!, MSH519 admission tls.key!"},
		{"example.com/own", w.direct.Secret(nil), ""},
		{"helm.sh/release.v1", w.direct.Secret(nil), "MSH519 unserved !"},
		{"kubernetes.io/service-account-token", w.direct.Secret(nil), "MSH519 unserved !"},
	} {
		if _, faults := FromSecret(c.data, c.kind); said(faults) != c.want {
			t.Errorf("%s: got %s, want %s", c.kind, said(faults), c.want)
		}
	}
}

func TestConfigMap(t *testing.T) {
	w := world
	for _, c := range []struct {
		name string
		data map[string]string
		want string
	}{
		{"CA", map[string]string{"ca.crt": string(w.root.PEM())}, ""},
		{"generic", map[string]string{"cacert": string(w.root.PEM(w.other))}, ""},
		{"no CA", map[string]string{"ca-bundle.crt": string(w.root.PEM())}, "MSH517 no-ca !"},
		{"empty", map[string]string{"ca.crt": ""}, "MSH517 no-ca !"},
		{"base64", map[string]string{"ca.crt": string(twiceEncoded(w.root.PEM()))}, "MSH519 base64-twice ca.crt!"},
		{"key beside", map[string]string{"ca.crt": string(w.root.PEM()) + string(w.root.KeyPEM())}, "MSH912 key-in-the-clear ca.crt"},
		{"key elsewhere", map[string]string{"ca.crt": string(w.root.PEM()), "own.key": string(w.root.KeyPEM())}, "MSH912 key-in-the-clear own.key"},
	} {
		if _, faults := new(Reader).ConfigMap(c.data); said(faults) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, said(faults), c.want)
		}
	}
}

func TestRoute(t *testing.T) {
	w := world
	leaf, key, middle, root := string(w.leaf.PEM()), string(w.leaf.KeyPEM()), string(w.middle.PEM()), string(w.root.PEM())
	for _, c := range []struct {
		name  string
		tls   RouteTLS
		want  string
		chain int
	}{
		{"none", RouteTLS{}, "", 0},
		{"edge", RouteTLS{Certificate: leaf + middle, Key: key}, "", 2},
		{"intermediate as CA", RouteTLS{Certificate: leaf, Key: key, CACertificate: middle}, "", 2},
		{"root as CA", RouteTLS{Certificate: leaf, Key: key, CACertificate: middle + root}, "MSH508 root-sent spec.tls.certificate#3", 3},
		{"another leaf as CA", RouteTLS{Certificate: leaf, Key: key, CACertificate: string(w.direct.PEM())}, "MSH508 unrelated spec.tls.certificate#2", 2},
		{"key in the certificate", RouteTLS{Certificate: leaf + middle + key}, "MSH519 key-in-chain spec.tls.certificate", 2},
		{"no key", RouteTLS{Certificate: leaf + middle}, "MSH519 half-pair spec.tls.key!", 2},
		{"another key", RouteTLS{Certificate: leaf, Key: string(w.direct.KeyPEM())}, "MSH506 key-mismatch spec.tls.key!", 1},
		{"base64", RouteTLS{Certificate: string(twiceEncoded([]byte(leaf))), Key: key}, "MSH519 base64-twice spec.tls.certificate!", 0},
		{"re-encrypt", RouteTLS{Certificate: leaf + middle, Key: key, DestinationCACertificate: root}, "", 2},
		{"re-encrypt to a leaf", RouteTLS{DestinationCACertificate: leaf}, "MSH514 not-ca spec.tls.destinationCACertificate#1", 0},
	} {
		m, faults := new(Reader).Route(c.tls)
		if said(faults) != c.want || len(m.Chain) != c.chain {
			t.Errorf("%s: got %s and %d certificates, want %s", c.name, said(faults), len(m.Chain), c.want)
		}
		if c.tls.DestinationCACertificate != "" && len(m.CA) == 0 {
			t.Errorf("%s: no CA", c.name)
		}
	}
}

func TestBase64(t *testing.T) {
	pem := world.leaf.PEM()
	if data, faults := Base64("tls.crt", string(twiceEncoded(pem))); string(data) != string(pem) || faults != nil {
		t.Errorf("good base64: %s", said(faults))
	}
	for _, bad := range []string{string(pem), "not base64!"} {
		if _, faults := Base64("tls.crt", bad); said(faults) != "MSH519 not-base64 tls.crt!" {
			t.Errorf("%.20q: %s", bad, said(faults))
		}
	}
}

func TestSameSerials(t *testing.T) {
	w := world
	twin := w.root.Leaf([]string{"twin.example"}, func(t *pkitest.Template) { t.SerialNumber = w.direct.SerialNumber })
	if got := said(SameSerials(certificatesOf(pairsOf(w.direct, w.leaf, twin, w.direct)))); got != "MSH515 same-serial #3" {
		t.Errorf("got %s", got)
	}
}

// TestReader: with a memory and without, the same is said, and what a caller does with it changes nothing.
func TestReader(t *testing.T) {
	r := new(Reader)
	data := world.leaf.Secret(world.other, world.other)
	_, want := FromSecret(data, "")
	for range 3 {
		m, got := r.Secret(Secret{"", data})
		if said(got) != said(want) || len(m.Chain) != 2 {
			t.Fatalf("got %s, want %s", said(got), said(want))
		}
		for i := range got {
			got[i] = Fault{}
		}
	}
	if len(r.seen) != 3 {
		t.Errorf("%d values remembered, want 3", len(r.seen))
	}
	// Another value of the same key, and the same value in another role, are other things.
	if m, _ := r.Secret(Secret{"", world.direct.Secret(nil)}); m.Chain[0].Subject.CommonName != "direct.ext.example" {
		t.Errorf("remembered %s for another value", m.Chain[0])
	}
	key := world.leaf.KeyPEM()
	if r.read(asKey, "x", key).public == nil || len(r.read(asChain, "x", key).faults) == 0 {
		t.Error("a key is remembered for a chain")
	}
}
