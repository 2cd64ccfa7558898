package cluster

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki"
)

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// TestKeys: of each kind of private key its public half is left, and by it the certificate still fits.
func TestKeys(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	for name, c := range map[string]struct {
		key crypto.Signer
		pem []byte
	}{
		"SEC1":    {ec, block("EC PRIVATE KEY", sec1)},
		"PKCS1":   {rs, block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rs))},
		"PKCS8":   {rs, block("PRIVATE KEY", pkcs8(rs))},
		"Ed25519": {ed, block("PRIVATE KEY", pkcs8(ed))},
	} {
		t.Run(name, func(t *testing.T) {
			template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
			der, err := x509.CreateCertificate(rand.Reader, template, template, c.key.Public(), c.key)
			if err != nil {
				t.Fatal(err)
			}
			cert := block("CERTIFICATE", der)
			secret := tree{"data": tree{}}
			for key, value := range map[string][]byte{
				"tls.crt": append([]byte("subject=x\n"), cert...), "tls.key": c.pem, "bundle": append(bytes.Clone(cert), c.pem...), "password": []byte("hunter2"), "empty": nil,
			} {
				secret["data"].(tree)[key] = base64.StdEncoding.EncodeToString(value)
			}
			withoutKeys(secret)
			got := func(key string) string {
				raw, err := base64.StdEncoding.DecodeString(secret["data"].(tree)[key].(string))
				if err != nil {
					t.Fatal(err)
				}
				return string(raw)
			}
			if got("tls.crt") != string(cert) || got("password") != withheld || got("empty") != "" {
				t.Errorf("%v", secret)
			}
			half, rest := pem.Decode([]byte(got("tls.key")))
			if half == nil || half.Type != "PUBLIC KEY" || len(rest) > 0 {
				t.Fatalf("tls.key: %s", got("tls.key"))
			}
			public, err := x509.ParsePKIXPublicKey(half.Bytes)
			if err != nil || !public.(interface{ Equal(crypto.PublicKey) bool }).Equal(c.key.Public()) {
				t.Errorf("another public key: %v", err)
			}
			material, faults := pki.FromSecret(map[string][]byte{"tls.crt": []byte(got("tls.crt")), "tls.key": []byte(got("tls.key"))}, "kubernetes.io/tls")
			if len(material.Chain) != 1 || len(faults) != 1 || faults[0].Kind != pki.PublicKey {
				t.Errorf("read as %v", faults)
			}
			if got("bundle") != string(cert)+got("tls.key") {
				t.Errorf("bundle: %s", got("bundle"))
			}
		})
	}
}

// TestWithheld: what is no certificate and no key that can be read is told to nobody.
func TestWithheld(t *testing.T) {
	for name, value := range map[string]string{
		"encrypted":   string(block("ENCRYPTED PRIVATE KEY", []byte("sensitive"))),
		"broken key":  string(block("PRIVATE KEY", []byte("sensitive"))),
		"not PEM":     "sensitive",
		"half a PEM":  "-----BEGIN PRIVATE KEY-----\nc2Vuc2l0aXZl\n",
		"header":      "-----BEGIN PUBLIC KEY-----\nNote: sensitive\n\nAAAA\n-----END PUBLIC KEY-----\n",
		"text around": "sensitive\n" + string(block("CERTIFICATE", []byte{1})) + "sensitive\n",
	} {
		if got := string(public([]byte(value))); got == "" || strings.Contains(got, "sensitive") || strings.Contains(got, "c2Vuc2l0aXZl") {
			t.Errorf("%s: %q", name, got)
		}
	}
	secret := tree{"data": tree{"odd": "?", "number": 1}, "stringData": tree{"a": "sensitive"}}
	withoutKeys(secret)
	if _, there := secret["stringData"]; there || secret["data"].(tree)["odd"] == "?" {
		t.Error(secret)
	}
}
