package certs

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"

	"github.com/meshscenario/scenario/certs/lint"
)

// partly is the configuration of a server that guards all of its profiles but one.
const partly = `{
  "signing": {
    "default": {"usages": ["signing", "server auth"], "expiry": "2160h", "auth_key": "now"},
    "profiles": {
      "client": {"usages": ["signing", "client auth"], "expiry": "720h", "auth_key": "now", "prev_auth_key": "before"},
      "both": {"usages": ["signing", "server auth", "client auth"], "expiry": "720h", "auth_key": "now"},
      "long": {"usages": ["signing", "server auth"], "expiry": "8760h", "auth_key": "now"},
      "few": {"usages": ["signing", "server auth"], "expiry": "720h", "auth_key": "now", "name_whitelist": "^other\\.example$"},
      "bare": {"usages": ["signing", "server auth"], "expiry": "720h", "auth_key": "now", "CSRWhitelist": {"PublicKey": true}},
      "open": {"usages": ["signing", "server auth"], "expiry": "720h"}
    }
  },
  "auth_keys": {
    "now": {"type": "standard", "key": "` + keyNow + `"},
    "before": {"type": "standard", "key": "env:BEFORE"}
  }
}`

// whole guards all.
const whole = `{
  "signing": {"default": {"usages": ["signing", "server auth"], "expiry": "2160h", "auth_key": "now"}},
  "auth_keys": {"now": {"type": "standard", "key": "` + keyNow + `"}}
}`

var remoteServer = Request{Name: "ext", Purpose: Server, CommonName: "ext.example", DNS: []string{"ext.example", "*.ext.example"}, IPs: []string{"192.0.2.1", "2001:db8:0::1"}, Key: DefaultKey}
var remoteClient = Request{Name: "orders", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/orders"}, Key: DefaultKey}

func sign(t *testing.T, o remoteOptions, q Request) ([]byte, error) {
	t.Helper()
	r, err := newRemote(o)
	if err != nil {
		return nil, err
	}
	return r.Sign(t.Context(), request(t, q), q, time.Now().Add(-backdate), time.Now().Add(DefaultValidity))
}

func request(t *testing.T, q Request) []byte {
	t.Helper()
	pem, _, err := csr.ParseRequest(&csr.CertificateRequest{CN: q.CommonName, Hosts: q.hosts(), KeyRequest: q.Key.request()})
	if err != nil {
		t.Fatal(err)
	}
	return pem
}

// TestRemote signs at the real server, and meets all that may be wrong about it.
func TestRemote(t *testing.T) {
	own := newStoreNow(t)
	s := serveCFSSL(t, partly, own)
	with := func(f func(*remoteOptions)) remoteOptions {
		o := s.options
		f(&o)
		return o
	}
	for _, c := range []struct {
		name    string
		options remoteOptions
		q       Request
	}{
		{"default profile", s.options, remoteServer},
		{"profile", with(func(o *remoteOptions) { o.Profile = "client" }), remoteClient},
		{"key before", with(func(o *remoteOptions) { o.Profile, o.Key = "client", keyBefore }), remoteClient},
		{"only the key of the CSR", with(func(o *remoteOptions) { o.Profile = "bare" }), remoteServer},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain, err := sign(t, c.options, c.q)
			if err != nil {
				t.Fatal(err)
			}
			all, err := helpers.ParseCertificatesPEM(chain)
			if err != nil || len(all) != 1 {
				t.Fatalf("%d certificates, %v", len(all), err)
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(s.options.Chain)
			if _, err := all[0].Verify(x509.VerifyOptions{Roots: roots, KeyUsages: all[0].ExtKeyUsage}); err != nil {
				t.Error(err)
			}
		})
	}
	expired := serveCFSSL(t, whole, newStoreOf(t, time.Now().Add(-100*day)))
	mutual := serveCFSSL(t, whole, own, "-disable", "sign,newcert", "-mutual-tls-ca", filepath.Join(own.Dir(), trustFile))
	for _, c := range []struct {
		name    string
		options remoteOptions
		want    string
	}{
		{"wrong key", with(func(o *remoteOptions) { o.Key = strings.Repeat("ab", 16) }), "it refuses: invalid token"},
		{"key before of another profile", with(func(o *remoteOptions) { o.Key = keyBefore }), "it refuses: invalid token"},
		{"no key", with(func(o *remoteOptions) { o.Key = "" }), "is empty"},
		{"short key", with(func(o *remoteOptions) { o.Key = "abcd" }), "has 16 bits"},
		{"key of letters", with(func(o *remoteOptions) { o.Key = "correct horse" }), "not hexadecimal"},
		{"profile without guard", with(func(o *remoteOptions) { o.Profile = "open" }), "it refuses: no authentication provider"},
		{"profile that is not there", with(func(o *remoteOptions) { o.Profile, o.Key = "clinet", keyBefore }), "it refuses: invalid token"},
		{"two purposes", with(func(o *remoteOptions) { o.Profile = "both" }), "for servers and clients, not for a server alone"},
		{"other purpose", with(func(o *remoteOptions) { o.Profile = "client" }), "for clients, not for a server alone"},
		{"longer than asked", with(func(o *remoteOptions) { o.Profile = "long" }), "later than"},
		{"names that it refuses", with(func(o *remoteOptions) { o.Profile = "few" }), "it refuses: "},
		{"wrong CA for TLS", with(func(o *remoteOptions) { o.ServerCA = s.options.Chain }), "does not lead to the CA that was given for it"},
		{"no CA for TLS", with(func(o *remoteOptions) { o.ServerCA = nil }), "no CA to verify"},
		{"other name", with(func(o *remoteOptions) { o.URL = strings.Replace(o.URL, "127.0.0.1", "localhost", 1) }), "is for 127.0.0.1, not for localhost"},
		{"other CA signs", with(func(o *remoteOptions) { o.Chain = o.ServerCA }), "does not lead to the CA that was given, at"},
		{"no CA", with(func(o *remoteOptions) { o.Chain = nil }), "cannot be read"},
		{"plaintext", with(func(o *remoteOptions) { o.URL = "http://cfssl.example:8888" }), "without TLS"},
		{"plaintext to a name of this machine", with(func(o *remoteOptions) { o.URL = "http://localhost:8888" }), "without TLS"},
		{"plaintext here", with(func(o *remoteOptions) { o.URL = strings.Replace(o.URL, "https", "http", 1) }), "it refuses: Bad Request | it breaks the connection off"},
		{"nobody there", with(func(o *remoteOptions) { o.URL = "https://127.0.0.1:1" }), "connection refused"},
		{"no address", with(func(o *remoteOptions) { o.URL = "127.0.0.1:8888" }), "not the address"},
		{"expired server", expired.options, "its own certificate is valid from"},
		{"no client certificate", mutual.options, "it breaks the connection off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sign(t, c.options, remoteServer)
			if err == nil || !slices.ContainsFunc(strings.Split(c.want, " | "), func(w string) bool { return strings.Contains(err.Error(), w) }) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), keyNow) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
		})
	}
	mutual.options.Certificate = pairOf(t, own, "client")
	if _, err := sign(t, mutual.options, remoteServer); err != nil {
		t.Error(err)
	}
	t.Run("lint", func(t *testing.T) { guardsAsLintSays(t, s, mutual) })
}

// guardsAsLintSays holds what certs lint says of the two configurations against what the servers do for whoever reaches
// them: without a key, only a profile that lint finds open signs by sign. newcert signs by all of them, as its hint says,
// unless it is disabled.
func guardsAsLintSays(t *testing.T, partlyOpen, closed *cfsslServer) {
	found, err := lint.File("config.json", []byte(partly), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, profile := range []string{"", "client", "open"} {
		field := "signing.profiles." + profile
		if profile == "" {
			field = "signing.default"
		}
		open := slices.ContainsFunc(found.Findings, func(f lint.Finding) bool { return f.Check == "open-profile" && f.Field == field })
		status, answer := partlyOpen.post(t, "sign", map[string]any{"certificate_request": string(request(t, remoteServer)), "profile": profile})
		if open != strings.Contains(answer, "BEGIN CERTIFICATE") {
			t.Errorf("lint finds %s open: %v; sign answers %d %s", field, open, status, answer)
		}
	}
	ask := map[string]any{"request": map[string]any{"CN": "anything.example", "hosts": []string{"anything.example"}}}
	if status, answer := partlyOpen.post(t, "newcert", ask); !found.Guarded || !strings.Contains(answer, "BEGIN CERTIFICATE") {
		t.Errorf("newcert asks for a key: %d %s", status, answer)
	}
	if status, _ := partlyOpen.post(t, "authsign", map[string]any{"request": "e30="}); status != 400 {
		t.Errorf("authsign without a token: %d", status)
	}
	for _, endpoint := range []string{"sign", "newcert"} {
		if status, answer := closed.post(t, endpoint, ask); status != 404 {
			t.Errorf("%s where it is disabled: %d %s", endpoint, status, answer)
		}
	}
}

func TestRemoteKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(keyNow+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(RemoteKeyVariable, " "+keyBefore)
	for name, want := range map[string]string{file: keyNow, "": keyBefore} {
		if key, err := RemoteKey(name); key != want || err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, wrong := range []string{"", "abc", "secret words", strings.Repeat("ab", 15)} {
		t.Setenv(RemoteKeyVariable, wrong)
		if _, err := RemoteKey(""); err == nil || wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	r, err := newRemote(remoteOptions{URL: "http://127.0.0.1:1", Chain: trust(t, newStoreNow(t)), Key: keyNow})
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%+v %#v", r, r); strings.Contains(shown, keyNow) {
		t.Errorf("a print shows the key: %s", shown)
	}
	os.Unsetenv(RemoteKeyVariable)
	if _, err := RemoteKey(""); err == nil || !strings.Contains(err.Error(), RemoteKeyVariable) {
		t.Error(err)
	}
	if _, err := RemoteKey(file + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
