package tyk

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// certificate makes one for names, and gives it as PEM, and its fingerprint.
func certificate(t testing.TB, from, to time.Time, names ...string) (text []byte, print string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), IDOf(parsed, "").Public
}

// TestReadRecords reads one record in every form that exports have.
func TestReadRecords(t *testing.T) {
	text, print := certificate(t, start, start.AddDate(0, 3, 0), "echo.shop")
	b64 := base64.StdEncoding.EncodeToString(text)
	const secret = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ=="
	lower := func(binary, date string) string {
		return fmt.Sprintf(`{"_id":{"$oid":"5e9d9544a1dcd60001d0ed20"},"uid":"u1","bundle":{"privatekey":%s,"certificate":%s,"bundled":%s,"fingerprint":"org%s"},`+
			`"bundlehistory":[{"fingerprint":"old"}],"created":%s,"expires":%s,"clientegressids":null,"serviceid":"","ismeshcert":true}`,
			fmt.Sprintf(binary, secret), fmt.Sprintf(binary, b64), fmt.Sprintf(binary, b64), print, date, date)
	}
	relaxed := lower(`{"$binary":{"base64":"%s","subType":"00"}}`, `{"$date":"2026-01-05T08:00:00Z"}`)
	struct1 := strings.NewReplacer(`"uid"`, `"UID"`, `"bundle"`, `"Bundle"`, `"certificate"`, `"Certificate"`, `"fingerprint"`, `"Fingerprint"`,
		`"bundlehistory"`, `"BundleHistory"`, `"created"`, `"Created"`, `"expires"`, `"Expires"`, `"ismeshcert"`, `"IsMeshCert"`).Replace(lower(`"%s"`, `"2026-01-05T08:00:00Z"`))
	for name, export := range map[string]string{
		"relaxed":       relaxed + "\n",
		"canonical":     lower(`{"$binary":{"base64":"%s","subType":"00"}}`, `{"$date":{"$numberLong":"1767600000000"}}`),
		"first version": lower(`{"$binary":"%s","$type":"00"}`, `{"$date":1767600000000}`),
		"struct":        struct1,
		"list":          "[" + relaxed + "]",
	} {
		records, err := ReadRecords([]byte(export))
		if err != nil || len(records) != 1 {
			t.Errorf("%s: %v %v", name, records, err)
			continue
		}
		r := records[0]
		if got := fmt.Sprint(r.UID, r.ID == "org"+print, r.History, r.Created, r.NotBefore, r.Expires, r.Names, r.IsMeshCert); got !=
			"u1true [old] 2026-01-05 08:00:00 +0000 UTC 2026-01-05 08:00:00 +0000 UTC 2026-04-05 08:00:00 +0000 UTC [echo.shop] true" {
			t.Errorf("%s: %s", name, got)
		}
		if strings.Contains(fmt.Sprintf("%+v", r), secret) {
			t.Errorf("%s: the record has the key", name)
		}
	}
	for export, want := range map[string]string{
		relaxed + "\n" + relaxed:              "document 2: the fingerprint of document 1 again",
		"{":                                   "after 0 documents, no JSON",
		`{"uid":"a"}`:                         "document 1: bundle.fingerprint: missing",
		`{"bundle":{"fingerprint":"a"}}`:      "document 1: expires: missing",
		`{"uid":"` + secret + `","bundle":3}`: "document 1: no record of a certificate",
		strings.Replace(relaxed, print, strings.Repeat("0", 64), 1): "not that of its certificate",
		strings.Replace(relaxed, b64, secret, 1):                    "bundle.certificate: no certificate in PEM",
	} {
		_, err := ReadRecords([]byte(export))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	beside := append([]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), text...)
	if c, err := ReadCertificate(beside); err != nil || !bytes.Equal(c.Raw, mustDecode(text)) {
		t.Error(err)
	}
}

func mustDecode(text []byte) []byte {
	block, _ := pem.Decode(text)
	return block.Bytes
}
