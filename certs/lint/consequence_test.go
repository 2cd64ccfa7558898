package lint

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cfssl/auth"
	"github.com/cloudflare/cfssl/config"
	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"
	"github.com/cloudflare/cfssl/initca"
	"github.com/cloudflare/cfssl/signer"
	"github.com/cloudflare/cfssl/signer/local"
)

// TestConsequences lets cfssl sign by what it takes without a word, and looks at what comes of it.
func TestConsequences(t *testing.T) {
	ca, _, key, err := initca.New(&csr.CertificateRequest{CN: "ca"})
	if err != nil {
		t.Fatal(err)
	}
	root, _ := helpers.ParseCertificatePEM(ca)
	private, _ := helpers.ParsePrivateKeyPEM(key)
	request, _, err := csr.ParseRequest(&csr.CertificateRequest{CN: "shop.example", Hosts: []string{"shop.example"}})
	if err != nil {
		t.Fatal(err)
	}
	life := func(c *x509.Certificate) time.Duration { return c.NotAfter.Sub(c.NotBefore) }
	for _, x := range []struct {
		check, profile, old, new string
		holds                    func(c *x509.Certificate, err error) bool
	}{
		{"no-usages", "", `"usages": ["signing", "key encipherment", "server auth"],`, ``, func(_ *x509.Certificate, err error) bool { return err != nil }},
		{"zero-expiry", "client", `"720h"`, `"0h"`, func(c *x509.Certificate, _ error) bool { return life(c) == 2160*time.Hour }},
		{"expired", "client", `"5m"`, `"720h"`, func(c *x509.Certificate, _ error) bool { return c.NotAfter.Before(time.Now().Add(time.Minute)) }},
		{"negative-backdate", "client", `"5m"`, `"-5m"`, func(c *x509.Certificate, _ error) bool { return c.NotBefore.After(time.Now()) }},
		{"unknown-usage", "client", `["signing", "client auth"]`, `["signing", "client_auth"]`, func(c *x509.Certificate, _ error) bool { return len(c.ExtKeyUsage) == 0 }},
		{"cert-sign-without-ca", "client", `["signing", "client auth"]`, `["cert sign"]`, func(c *x509.Certificate, _ error) bool { return !c.IsCA && c.KeyUsage == x509.KeyUsageCertSign }},
		{"ca-without-cert-sign", "ca", `["cert sign", "crl sign"]`, `["crl sign"]`, func(c *x509.Certificate, _ error) bool { return c.IsCA && c.KeyUsage&x509.KeyUsageCertSign == 0 }},
		{"path-length", "ca", `, "max_path_len_zero": true`, ``, func(c *x509.Certificate, _ error) bool { return c.MaxPathLen == -1 }},
		{"path-length", "ca", `, "max_path_len_zero": true`, `, "max_path_len": 1, "max_path_len_zero": true`, func(c *x509.Certificate, _ error) bool { return c.MaxPathLen == 1 }},
		{"loose-whitelist", "client", `^[a-z-]+\\.shop\\.example$`, `shop\\.e`, func(c *x509.Certificate, err error) bool { return err == nil }},
		{"whitelist-without-key", "client", `"backdate": "5m"`, `"CSRWhitelist": {"Subject": true}`, func(_ *x509.Certificate, err error) bool { return err != nil }},
		{"duplicate-field", "client", `"expiry": "720h",`, `"expiry": "720h", "expiry": "24h",`, func(c *x509.Certificate, _ error) bool { return life(c) == 24*time.Hour }},
	} {
		text := strings.Replace(clean, x.old, x.new, 1)
		if x.check != "loose-whitelist" {
			text = strings.Replace(text, `"name_whitelist"`, `"_"`, 1)
		}
		found, err := File("f.json", []byte(text), now)
		if err != nil || !strings.Contains(brief(found.Findings), " "+x.check+" ") {
			t.Errorf("%s is not found: %v", x.check, err)
		}
		policy, err := config.LoadConfig((&linter{text: []byte(text)}).withoutLateKeys())
		if err != nil {
			t.Fatal(err)
		}
		s, err := local.NewSigner(private, root, signer.DefaultSigAlgo(private), policy.Signing)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{}
		pem, err := s.Sign(signer.SignRequest{Request: string(request), Profile: x.profile})
		if err == nil {
			if c, err = helpers.ParseCertificatePEM(pem); err != nil {
				t.Fatal(err)
			}
		}
		if !x.holds(c, err) {
			t.Errorf("%s does not lead to what it says: %v", x.check, err)
		}
	}
	if _, err := auth.New("env:SCENARIO_NOT_SET_BY_ANYBODY", nil); err != nil {
		t.Errorf("cfssl no longer takes an unset variable for the empty key: %v", err)
	}
}
