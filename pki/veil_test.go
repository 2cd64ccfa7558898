package pki

import (
	"crypto/x509"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
	"github.com/meshscenario/scenario/veil"
)

func publicPEM(p *pkitest.Pair) []byte {
	der, err := x509.MarshalPKIXPublicKey(p.Key.Public())
	if err != nil {
		panic(err)
	}
	return pkitest.Block("PUBLIC KEY", der)
}

// TestVeiled: what stands for material is told from material, good or bad.
func TestVeiled(t *testing.T) {
	w := world
	good := w.leaf.Secret(w.root, w.middle)
	for _, veil := range []string{
		"ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]", "{{ .Values.tls.crt }}", "  {{- tpl .Values.crt . }}\n", "${TLS_CRT}", "$TLS_CRT", "$(TLS_CRT)",
		"<path:kv/data/shop#tls.crt>", "<certificate>", "<base64 of the certificate>", "vault:secret/data/shop#crt", "ref+vault://secret/shop#/crt",
		"#{TlsCrt}#", "__TLS_CRT__", "((shop.certificate))", "TLS_CRT_HERE", "REDACTED", "changeme", "***", "your certificate here", "LS0tLS1CRUdJTi...",
		"-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nMIIEvg…\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\n<private key>\n-----END PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\nREDACTED\n-----END CERTIFICATE-----\n",
	} {
		for _, key := range []string{"tls.crt", "tls.key", "ca.crt", "ca.crl"} {
			if m, faults := FromSecret(with(good, key, veil), ""); len(faults) > 0 {
				t.Errorf("%s: %q: %v", key, veil, faults)
			} else if key == "tls.key" && m.Key.Algorithm != "" || key == "tls.crt" && len(m.Chain) > 0 || key == "ca.crt" && len(m.CA) > 0 {
				t.Errorf("%s: %q: read as %v", key, veil, m)
			}
		}
	}
	for name, value := range map[string]string{
		"certificate": string(w.leaf.PEM()), "key": string(w.leaf.KeyPEM()), "DER": string(w.leaf.Raw), "empty": "", "word": "certificate of the shop",
		"file": "/etc/certs/tls.crt", "base64": "QUJDREVGR0g=", "damaged": strings.Replace(string(w.leaf.PEM()), "M", "!", 1),
		"binary with dots": "\x00\x01...\x02${A}",
	} {
		if veil.Is([]byte(value)) {
			t.Errorf("%s: taken for a veil", name)
		}
	}
	if _, faults := FromSecret(with(good, "tls.crt", strings.Replace(string(w.leaf.PEM()), "M", "!", 1)), ""); len(faults) == 0 {
		t.Error("a damaged certificate is taken for a veil")
	}
}
