package lint

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/initca"
)

const cleanLeaf = `{
  "CN": "shop.example",
  "hosts": ["shop.example", "*.shop.example", "192.0.2.1", "spiffe://mesh.example/ns/shop/sa/web", "ops@shop.example"],
  "key": {"algo": "ecdsa", "size": 256},
  "names": [{"C": "GB", "O": "Shop"}]
}
`

const cleanCA = `{
  "CN": "Shop CA",
  "key": {"algo": "ecdsa", "size": 384},
  "ca": {"expiry": "87600h", "pathlenzero": true}
}
`

var leafChanges = []change{
	{`"hosts": ["shop.example", "*.shop.example", "192.0.2.1", "spiffe://mesh.example/ns/shop/sa/web", "ops@shop.example"],`, ``, "error no-hosts ", false},
	{`"hosts": [`, `"host": [`, "error unknown-field host", false},
	{`"shop.example",
  "hosts"`, `"www.example",
  "hosts"`, "warning cn-not-host CN", false},
	{`"shop.example", "*.`, `"https://shop.example/", "shop.example", "*.`, "error bad-host hosts[0]", false},
	{`"192.0.2.1"`, `"shop.example:443"`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `"192.0.2.1:443"`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `"192.0.2.0/24"`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `"a.example,b.example"`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `"shop example"`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `"www.*.example"`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `""`, "error bad-host hosts[2]", false},
	{`"192.0.2.1"`, `"müller.example"`, "error bad-host hosts[2]", true},
	{`"192.0.2.1"`, `"2001:db8::1"`, "", false},
	{`"192.0.2.1"`, `1`, "error wrong-type hosts[2]", true},
	{`"ecdsa", "size": 256`, `"ecdsa", "size": 224`, "error key-size key.size", true},
	{`"ecdsa", "size": 256`, `"ecdsa"`, "error key-size key", true},
	{`"ecdsa", "size": 256`, `"ecdsa", "size": 521`, "warning p-521 key.size", false},
	{`"ecdsa", "size": 256`, `"rsa", "size": 1024`, "error weak-key key.size", true},
	{`"ecdsa", "size": 256`, `"rsa", "size": 2048`, "", false},
	{`"ecdsa", "size": 256`, `"rsa", "size": 16384`, "error key-size key.size", true},
	{`"ecdsa", "size": 256`, `"ecsda", "size": 256`, "error key-algorithm key.algo", true},
	{`"ecdsa", "size": 256`, `"ed25519", "size": 0`, "warning ed25519 key.algo", false},
	{`"ecdsa", "size": 256`, `"ecdsa", "size": "256"`, "error wrong-type key.size", true},
	{`"key": {"algo": "ecdsa", "size": 256},`, ``, "", false},
	{`"GB"`, `"UK"`, "warning country names[0].C", false},
	{`"GB"`, `"gb"`, "warning country names[0].C", false},
	{`"O": "Shop"`, `"Org": "Shop"`, "error unknown-field names[0].Org", false},
	{`"O": "Shop"`, `"OID": {"one": "Shop"}`, "error bad-oid names[0].OID.one", true},
	{`"CN": "shop.example",`, ``, "", false},
	{`"CN": "shop.example",`, `"cn": "shop.example",`, "", false}, // as encoding/json takes it
	{`"CN": "shop.example",`, `"CN": "shop.example", "CN": "x",`, "error duplicate-field CN", false},
}

var caChanges = []change{
	{`"CN": "Shop CA",`, ``, "error no-subject ", true},
	{`"CN": "Shop CA",`, `"names": [{"C": " "}],`, "error no-subject names[0]", true},
	{`,
  "ca": {"expiry": "87600h", "pathlenzero": true}`, ``, "warning ca-expiry ", false},
	{`"expiry": "87600h", `, ``, "warning ca-expiry ca", false},
	{`"87600h"`, `"10y"`, "error bad-expiry ca.expiry", true},
	{`"87600h"`, `"0h"`, "error expired ca.expiry", true},
	{`"87600h"`, `"-1h"`, "error expired ca.expiry", false},
	{`"87600h"`, `"8760h"`, "warning ca-expiry ca.expiry", false},
	{`"87600h"`, `"87600h", "backdate": "1 hour"`, "error bad-backdate ca.backdate", true},
	{`"87600h"`, `"87600h", "backdate": "87600h"`, "error expired ca.expiry", false},
	{`, "pathlenzero": true`, ``, "warning path-length ca", false},
	{`"pathlenzero": true`, `"pathlen": 1`, "", false},
	{`"pathlenzero": true`, `"pathlen": 1, "pathlenzero": true`, "warning path-length ca.pathlenzero", false},
	{`"pathlenzero": true`, `"path_len_zero": true`, "error unknown-field ca.path_len_zero", false},
	{`"ca": {`, `"hosts": ["shop.example"], "ca": {`, "warning ca-hosts hosts", false},
	{`"ca": {"expiry": "87600h", "pathlenzero": true}`, `"ca": true`, "error wrong-type ca", true},
}

// TestRequest makes each mistake alone, and lets cfssl make a certificate of a CA, or the request for one of a server.
func TestRequest(t *testing.T) {
	for from, changes := range map[string][]change{cleanLeaf: leafChanges, cleanCA: caChanges} {
		for _, c := range append(changes, change{"", "", "", false}) {
			text := strings.Replace(from, c.old, c.new, 1)
			if c.old != "" && text == from {
				t.Fatalf("nothing to replace: %s", c.old)
			}
			check(t, text, c.want)
			err := guard(func() error {
				var r csr.CertificateRequest
				if err := json.Unmarshal([]byte(text), &r); err != nil {
					return err
				}
				if from == cleanCA {
					_, _, _, err := initca.New(&r)
					return err
				}
				_, _, err := csr.ParseRequest(&r)
				return err
			})
			if (err != nil) != c.refused {
				t.Errorf("%s: cfssl says %v", c.new, err)
			}
		}
	}
}
