package pki

import (
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestLoads: what is said to break a pair does break it: nginx does not start with it, and where the reading agrees, crypto/tls loads no key pair. What does not break is served.
func TestLoads(t *testing.T) {
	w := world
	crt, key := w.leaf.PEM(w.middle), w.leaf.KeyPEM()
	body := strings.Split(strings.TrimSpace(string(w.leaf.PEM())), "\n")
	small := w.root.Leaf([]string{"a.example"}, func(t *pkitest.Template) { t.Key = pkitest.RSA(1024) })
	p224 := w.root.Leaf([]string{"a.example"}, func(t *pkitest.Template) { t.Key = pkitest.EC(elliptic.P224()) })
	for _, c := range []struct {
		name     string
		crt, key []byte
		// goLoads: encoding/pem passes over what it cannot read.
		goLoads bool
		// onlyEnvoy refuses it, and nginx does not.
		onlyEnvoy bool
	}{
		{"good", crt, key, true, false},
		{"comments", glue([]byte("a\n"), crt, []byte("# z\n")), key, true, false},
		{"junk", glue(crt, []byte("z\n")), key, true, false},
		{"key in the chain", glue(key, crt), key, true, false},
		{"CRLF", []byte(strings.ReplaceAll(string(crt), "\n", "\r\n")), key, true, false},
		{"root sent", w.leaf.PEM(w.middle, w.root), key, true, false},
		{"unrelated", w.leaf.PEM(w.other), key, true, false},
		{"two keys", crt, glue(key, w.root.KeyPEM()), true, false},
		{"base64 twice", twiceEncoded(crt), key, false, false},
		{"no PEM", []byte("x"), key, false, false},
		{"DER", w.leaf.Raw, key, false, false},
		{"indented", []byte("  " + strings.Join(body, "\n  ")), key, false, false},
		{"one line", []byte(strings.Join(body, " ")), key, false, false},
		{`\n`, []byte(strings.Join(body, `\n`)), key, false, false},
		{"byte order mark", []byte("\xef\xbb\xbf" + string(w.leaf.PEM())), key, false, true}, // OpenSSL 3 passes over it
		{"cut off", []byte(strings.Join(body[:len(body)-1], "\n")), key, false, false},
		{"second cut off", glue(w.leaf.PEM(), w.middle.PEM()[:300]), key, true, false},
		{"bad DER", pkitest.Block("CERTIFICATE", w.leaf.Raw[:200]), key, false, false},
		{"swapped", key, crt, false, false},
		{"request", pkitest.Block("CERTIFICATE REQUEST", w.leaf.Raw), key, false, false},
		{"encrypted", crt, encrypted(t, key), false, false},
		{"bad key", crt, pkitest.Block("PRIVATE KEY", []byte{1, 2}), false, false},
		{"another's key", crt, w.direct.KeyPEM(), false, false},
		{"leaf last", w.middle.PEM(w.leaf), key, false, false},
		{"RSA 1024", small.PEM(), small.KeyPEM(), true, false},
		{"P-224", p224.PEM(), p224.KeyPEM(), true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, faults := FromSecret(map[string][]byte{"tls.crt": c.crt, "tls.key": c.key}, "")
			breaks := slices.ContainsFunc(faults, func(f Fault) bool { return f.Breaks })
			if err := nginxLoads(t, c.crt, c.key); (err == nil) == (breaks && !c.onlyEnvoy) {
				t.Errorf("nginx says %v of %s", err, said(faults))
			}
			_, err := tls.X509KeyPair(c.crt, c.key)
			if (err == nil) != c.goLoads || err == nil && !breaks && len(m.Chain) == 0 {
				t.Errorf("crypto/tls says %v of %s", err, said(faults))
			}
		})
	}
}

// nginxLoads tells whether nginx starts with the pair. It reads PEM with the same calls of OpenSSL as Envoy does of BoringSSL;
// the openssl command is more lenient: it takes DER and a byte order mark.
func nginxLoads(t *testing.T, crt, key []byte) error {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx"
		if _, err := os.Stat(nginx); err != nil {
			t.Skip("nginx is not installed")
		}
	}
	dir := t.TempDir()
	configuration := fmt.Sprintf(`pid %[1]s/pid; error_log stderr; events {} http {
		access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
		server { listen unix:%[1]s/socket ssl; ssl_ciphers DEFAULT@SECLEVEL=2; ssl_certificate %[1]s/crt; ssl_certificate_key %[1]s/key; }
	}`, dir)
	for name, data := range map[string][]byte{"crt": crt, "key": key, "conf": []byte(configuration)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(nginx, "-t", "-p", dir, "-c", filepath.Join(dir, "conf"))
	command.Stdin = strings.NewReader("") // it would ask for a password
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func encrypted(t *testing.T, key []byte) []byte {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := openssl(t, "pkcs8", "-topk8", "-in", file, "-passout", "pass:secret")
	if err != nil {
		t.Fatal(out)
	}
	return []byte(out)
}

// TestOddCurve: a certificate on a curve that Go does not know, and one signed with MD5, which Go does not make.
func TestOddCurve(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"P-192", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime192v1"}, "MSH515 weak-key tls.crt#1!"},
		{"secp256k1", []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, "MSH515 weak-key tls.crt#1!"},
	} {
		key, crt := filepath.Join(dir, c.name+".key"), filepath.Join(dir, c.name+".crt")
		out, err := openssl(t, append([]string{"req", "-x509", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", crt}, c.args...)...)
		if err != nil {
			t.Skip(out)
		}
		data, err := os.ReadFile(crt)
		if err != nil {
			t.Fatal(err)
		}
		_, faults := readCertificates("tls.crt", data, false)
		if said(faults) != c.want {
			t.Errorf("%s: got %s", c.name, said(faults))
		}
	}
}

func TestMD5(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-keyout", file("ca.key"), "-out", file("ca.crt")},
		{"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=leaf", "-keyout", file("leaf.key"), "-out", file("leaf.csr")},
		{"x509", "-req", "-md5", "-in", file("leaf.csr"), "-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-set_serial", "7", "-out", file("leaf.crt")},
	} {
		if out, err := openssl(t, args...); err != nil {
			t.Skip(out)
		}
	}
	data, err := os.ReadFile(file("leaf.crt"))
	if err != nil {
		t.Fatal(err)
	}
	m, faults := FromSecret(map[string][]byte{"tls.crt": data, "tls.key": world.leaf.KeyPEM()}, "")
	if got := said(faults); got != "MSH515 weak-signature tls.crt#1!, MSH506 key-mismatch tls.key!" {
		t.Errorf("got %s", got)
	}
	if leaf, _ := m.Leaf(); leaf.SignatureAlgorithm != x509.MD5WithRSA {
		t.Errorf("signed with %s", leaf.SignatureAlgorithm)
	}
}
