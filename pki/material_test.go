package pki

import (
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// said writes faults as RULE kind key#index, with a mark where TLS breaks, so that a table can hold them.
func said(faults []Fault) string {
	var out []string
	for _, f := range faults {
		text := fmt.Sprintf("%s %s %s", f.Rule, f.Kind, f.Key)
		if f.Index > 0 {
			text += fmt.Sprintf("#%d", f.Index)
		}
		if f.Breaks {
			text += "!"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// world is one set of material for all tests.
var world = sync1(func() (w struct{ root, other, middle, leaf, direct, client, stranger *pkitest.Pair }) {
	w.root, w.other = pkitest.Root("root"), pkitest.Root("other root")
	w.middle = w.root.CA("middle")
	w.leaf = w.middle.Leaf([]string{"api.ext.example", "*.ext.example"})
	w.direct = w.root.Leaf([]string{"direct.ext.example"})
	w.client = w.root.Leaf([]string{"client.ext.example"})
	w.stranger = w.other.Leaf([]string{"api.ext.example"})
	return w
})

func sync1[T any](make func() T) T { return make() }

func with(data map[string][]byte, pairs ...any) map[string][]byte {
	out := map[string][]byte{}
	for key, value := range data {
		out[key] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case nil:
			delete(out, pairs[i].(string))
		case string:
			out[pairs[i].(string)] = []byte(v)
		case []byte:
			out[pairs[i].(string)] = v
		}
	}
	return out
}

func glue(parts ...[]byte) []byte { return slices.Concat(parts...) }

func twiceEncoded(data []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(data)) }

func openssl(t testing.TB, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	out, err := exec.Command("openssl", args...).CombinedOutput()
	return string(out), err
}

// TestValues: what is written under a key, and what is said of it.
func TestValues(t *testing.T) {
	w := world
	good := w.leaf.Secret(w.root, w.middle)
	crt, key := good["tls.crt"], good["tls.key"]
	request := pkitest.Block("CERTIFICATE REQUEST", []byte("not looked at"))
	body := strings.Split(strings.TrimSpace(string(w.leaf.PEM())), "\n")
	rsaKey := pkitest.RSA(2048).(*rsa.PrivateKey)
	withRSA := w.root.Leaf([]string{"a.example"}, func(t *pkitest.Template) { t.Key = rsaKey })
	self := pkitest.Root("self", func(t *pkitest.Template) { t.IsCA = false })
	sha1 := pkitest.Root("sha1", func(t *pkitest.Template) { t.Key, t.SignatureAlgorithm = rsaKey, x509.SHA1WithRSA })
	alias := w.root.CA("alias", func(t *pkitest.Template) { t.Key = w.middle.Key })
	for _, c := range []struct {
		name string
		data map[string][]byte
		want string
	}{
		{"good", good, ""},
		{"generic", map[string][]byte{"cert": crt, "key": key, "cacert": w.root.PEM()}, ""},
		{"CRLF", with(good, "tls.crt", strings.ReplaceAll(string(crt), "\n", "\r\n")), ""},
		{"comments before and after", with(good, "tls.crt", glue([]byte("subject=x\nissuer=y\n"), crt, []byte("\n# end\n"))), ""},
		{"RSA PRIVATE KEY", with(withRSA.Secret(w.root), "tls.key", pkitest.Block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey))), ""},
		{"parameters before the key", with(good, "tls.key", glue(pkitest.Block("EC PARAMETERS", []byte{6, 1, 1}), key)), ""},

		{"base64 twice", with(good, "tls.crt", twiceEncoded(crt)), "MSH519 base64-twice tls.crt!"},
		{"key in base64 twice", with(good, "tls.key", twiceEncoded(key)), "MSH519 base64-twice tls.key!"},
		{"DER in base64 twice", with(good, "tls.crt", twiceEncoded(w.leaf.Raw)), "MSH519 base64-twice tls.crt!"},
		{"no PEM", with(good, "tls.crt", "to be done"), "MSH519 no-pem tls.crt!"},
		{"a file name", with(good, "tls.crt", "/etc/certs/tls.crt"), "MSH519 no-pem tls.crt!"},
		{"white space", with(good, "ca.crt", " \n"), "MSH519 empty ca.crt!"},
		{"DER", with(good, "tls.crt", w.leaf.Raw), "MSH519 der tls.crt!"},
		{"DER key", with(good, "tls.key", w.leaf.KeyDER()), "MSH519 der tls.key!"},
		{"DER CA", with(good, "ca.crt", w.root.Raw), "MSH519 der ca.crt!"},
		{"Java keystore", with(good, "tls.crt", "\xfe\xed\xfe\xed\x00\x00\x00\x02"), "MSH519 der tls.crt!"},
		{"indented", with(good, "tls.crt", "  "+strings.Join(body, "\n  ")), "MSH519 mangled tls.crt!"},
		{"byte order mark", with(good, "tls.crt", "\xef\xbb\xbf"+string(w.leaf.PEM())), "MSH519 mangled tls.crt!"},
		{`line ends as \n`, with(good, "tls.crt", strings.Join(body, `\n`)), "MSH519 mangled tls.crt!"},
		{"one line", with(good, "tls.crt", strings.Join(body, " ")), "MSH519 mangled tls.crt!"},
		{"cut off", with(good, "tls.crt", strings.Join(body[:len(body)-1], "\n")), "MSH519 damaged tls.crt#1!"},
		{"second cut off", with(good, "tls.crt", glue(w.leaf.PEM(), w.middle.PEM()[:300])), "MSH519 damaged tls.crt#2!"},
		{"no line end between", with(good, "tls.crt", glue([]byte(strings.TrimSpace(string(w.leaf.PEM()))), w.middle.PEM())), "MSH519 damaged tls.crt#1!"},
		{"no END before the next", with(good, "tls.crt", glue([]byte(strings.Join(body[:len(body)-1], "\n")+"\n"), crt)), "MSH519 damaged tls.crt#1!"},
		{"bad body", with(good, "tls.crt", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"), "MSH519 damaged tls.crt#1!"},
		{"bad DER", with(good, "tls.crt", pkitest.Block("CERTIFICATE", w.leaf.Raw[:200])), "MSH519 bad-certificate tls.crt#1!"},
		{"junk", with(good, "tls.crt", glue(crt, []byte("that is all\n"))), "MSH519 junk tls.crt"},

		{"key in the place of the certificate", with(good, "tls.crt", key), "MSH519 key-as-certificate tls.crt!"},
		{"swapped", with(good, "tls.crt", key, "tls.key", crt), "MSH519 key-as-certificate tls.crt!, MSH519 certificate-as-key tls.key!"},
		{"key called certificate", with(good, "tls.crt", pkitest.Block("CERTIFICATE", w.leaf.KeyDER())), "MSH519 key-as-certificate tls.crt#1!"},
		{"certificate called key", with(good, "tls.key", pkitest.Block("PRIVATE KEY", w.leaf.Raw)), "MSH519 certificate-as-key tls.key!"},
		{"key as the CA", with(good, "ca.crt", w.root.KeyPEM()), "MSH519 key-as-certificate ca.crt!"},
		{"key beside the CA", with(good, "ca.crt", glue(w.root.PEM(), w.root.KeyPEM())), "MSH519 key-in-the-clear ca.crt"},
		{"key in the chain", with(good, "tls.crt", glue(key, crt)), "MSH519 key-in-chain tls.crt"},
		{"request", with(good, "tls.crt", request), "MSH519 wrong-header tls.crt!"},
		{"CERT", with(good, "tls.crt", pkitest.Block("CERT", w.leaf.Raw)), "MSH519 wrong-header tls.crt!"},
		{"PKCS7", with(good, "ca.crt", pkitest.Block("PKCS7", []byte{1})), "MSH519 wrong-header ca.crt!"},
		{"X509 CERTIFICATE", with(good, "tls.crt", glue(pkitest.Block("X509 CERTIFICATE", w.leaf.Raw), w.middle.PEM())), "MSH519 wrong-header tls.crt#1"},
		{"request beside", with(good, "tls.crt", glue(crt, request)), "MSH519 wrong-header tls.crt"},
		{"OpenSSH key", with(good, "tls.key", pkitest.Block("OPENSSH PRIVATE KEY", []byte{1})), "MSH519 wrong-header tls.key!"},
		{"public key", with(good, "tls.key", pkitest.Block("PUBLIC KEY", []byte{1})), "MSH519 public-key tls.key!"},
		{"public half", with(good, "tls.key", publicPEM(w.leaf)), "MSH519 public-key tls.key!"},
		{"another's public half", with(good, "tls.key", publicPEM(w.direct)), "MSH506 key-mismatch tls.key!, MSH519 public-key tls.key!"},
		{"encrypted", with(good, "tls.key", pkitest.Block("ENCRYPTED PRIVATE KEY", []byte{1})), "MSH519 encrypted-key tls.key!"},
		{"encrypted the old way", with(good, "tls.key", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"), "MSH519 encrypted-key tls.key!"},
		{"bad key", with(good, "tls.key", pkitest.Block("PRIVATE KEY", []byte{1, 2, 3})), "MSH519 bad-key tls.key!"},
		{"two keys", with(good, "tls.key", glue(key, w.root.KeyPEM())), "MSH519 several-keys tls.key"},

		{"another's key", with(good, "tls.key", w.direct.KeyPEM()), "MSH506 key-mismatch tls.key!"},
		{"leaf last", with(good, "tls.crt", w.middle.PEM(w.leaf)), "MSH508 leaf-not-first tls.crt#2!"},
		{"leaf last, and no key to tell", with(good, "tls.crt", w.middle.PEM(w.leaf), "tls.key", "x"), "MSH508 leaf-not-first tls.crt#2!, MSH519 no-pem tls.key!"},
		{"unrelated", with(good, "tls.crt", w.leaf.PEM(w.other)), "MSH508 unrelated tls.crt#2"},
		{"root sent", with(good, "tls.crt", w.leaf.PEM(w.middle, w.root)), "MSH508 root-sent tls.crt#3"},
		{"gap", with(good, "tls.crt", w.leaf.PEM(w.root)), "MSH508 unrelated tls.crt#2"},
		{"twice the same", with(good, "tls.crt", w.leaf.PEM(w.middle, w.middle)), "MSH508 repeated tls.crt#3"},
		{"leaf as CA", with(good, "ca.crt", w.stranger.PEM()), "MSH514 not-ca ca.crt#1"},
		{"a server that vouches for itself", with(good, "ca.crt", self.PEM()), ""},
		{"a root with SHA-1", with(good, "ca.crt", sha1.PEM()), ""},
		{"another CA with the same key", with(good, "tls.crt", w.leaf.PEM(alias)), "MSH508 unrelated tls.crt#2"},
		{"CRL that is none", with(good, "ca.crl", "x"), "MSH518 bad-crl ca.crl"},
		{"CRL", with(good, "ca.crl", w.root.CRL(time.Now().Add(time.Hour))), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := FromSecret(c.data, "Opaque")
			if got := said(faults); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestIssuance: what a CA has done wrong.
func TestIssuance(t *testing.T) {
	root := world.root
	edit := func(e func(*pkitest.Template)) pkitest.Edit { return e }
	rsa1024 := pkitest.RSA(1024)
	short := root.CA("short", edit(func(t *pkitest.Template) { t.NotAfter = time.Now().AddDate(0, 0, 30) }))
	notCA := root.Leaf([]string{"x.example"}, edit(func(t *pkitest.Template) { t.KeyUsage |= x509.KeyUsageCertSign }))
	zero := root.CA("zero", edit(func(t *pkitest.Template) { t.MaxPathLenZero = true }))
	below := zero.CA("below")
	narrow := root.CA("narrow", edit(func(t *pkitest.Template) {
		t.PermittedDNSDomains, t.PermittedDNSDomainsCritical = []string{"inside.example"}, true
	}))
	old := root.CA("old", edit(func(t *pkitest.Template) { t.Key = pkitest.RSA(2048) }))
	twin := root.Leaf([]string{"twin.example"}, edit(func(t *pkitest.Template) { t.SerialNumber = root.SerialNumber }))
	for _, c := range []struct {
		name  string
		chain []*pkitest.Pair
		want  string
	}{
		{"RSA 1024", []*pkitest.Pair{root.Leaf([]string{"a.example"}, edit(func(t *pkitest.Template) { t.Key = rsa1024 }))}, "MSH515 weak-key tls.crt#1!"},
		{"P-224", []*pkitest.Pair{root.Leaf([]string{"a.example"}, edit(func(t *pkitest.Template) { t.Key = pkitest.EC(elliptic.P224()) }))}, "MSH515 weak-key tls.crt#1!"},
		{"P-384 is fine", []*pkitest.Pair{root.Leaf([]string{"a.example"}, edit(func(t *pkitest.Template) { t.Key = pkitest.EC(elliptic.P384()) }))}, ""},
		{"SHA-1", []*pkitest.Pair{old.Leaf([]string{"a.example"}, edit(func(t *pkitest.Template) { t.SignatureAlgorithm = x509.SHA1WithRSA })), old}, "MSH515 weak-signature tls.crt#1"},
		{"outlives its CA", []*pkitest.Pair{short.Leaf([]string{"a.example"}), short}, "MSH507 outlives-ca tls.crt#1"},
		{"issued by no CA", []*pkitest.Pair{notCA.Leaf([]string{"a.example"}, edit(func(t *pkitest.Template) { t.NotAfter = notCA.NotAfter })), notCA}, "MSH514 not-ca tls.crt#2!"},
		{"path length", []*pkitest.Pair{below.Leaf([]string{"a.example"}), below, zero}, "MSH508 path-length tls.crt#1!"},
		{"name constraint", []*pkitest.Pair{narrow.Leaf([]string{"a.outside.example"}), narrow}, "MSH508 name-constraint tls.crt#1!"},
		{"name constraint kept", []*pkitest.Pair{narrow.Leaf([]string{"a.inside.example"}), narrow}, ""},
		{"order", []*pkitest.Pair{below.Leaf([]string{"a.example"}), zero, below}, "MSH508 path-length tls.crt#1!, MSH508 wrong-order tls.crt#2, MSH508 wrong-order tls.crt#3"},
		{"same serial", []*pkitest.Pair{twin, root}, "MSH515 same-serial tls.crt#2, MSH508 root-sent tls.crt#2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := FromSecret(c.chain[0].Secret(root, c.chain[1:]...), "kubernetes.io/tls")
			got, want := strings.Split(said(faults), ", "), strings.Split(c.want, ", ")
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
