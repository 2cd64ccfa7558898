package rules

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	rsakey "crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/pki/pkitest"
	"github.com/meshscenario/scenario/validate"
)

// atGateway is a server of an ingress gateway, with whatever its tls says.
const atGateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: istio-ingress}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example]
    tls: %s
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example]
  gateways: [istio-ingress/shop]
  http:
  - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 8080}}}]
---
`

// bySidecar is a sidecar that makes the TLS to a partner, with whatever its tls says and the pod's annotations.
const bySidecar = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec:
  hosts: [api.partner.example]
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.partner.example
  workloadSelector: {matchLabels: {app: orders}}
  trafficPolicy: {tls: %s}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  selector: {matchLabels: {app: orders}}
  template:
    metadata:
      labels: {app: orders, sidecar.istio.io/inject: "true"}
      annotations: %s
    spec:
      containers: [{name: orders, image: orders, env: [{name: PARTNER, value: "http://api.partner.example/v1"}]}]
---
`

// A world of certificates.
type world struct {
	now                      time.Time
	root, middle, other      *pkitest.Pair
	leaf, direct, clientOnly *pkitest.Pair
}

func newWorld() world {
	w := world{now: time.Now(), root: pkitest.Root("root"), other: pkitest.Root("other")}
	w.middle = w.root.CA("middle")
	w.leaf = w.middle.Leaf([]string{"shop.example"})
	w.direct = w.root.Leaf([]string{"shop.example"})
	w.clientOnly = w.root.Leaf([]string{"orders"}, func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	return w
}

// secretOfValues writes a Secret.
func secretOfValues(namespace, name, kind string, values map[string][]byte) string {
	text := map[string]string{}
	for key, value := range values {
		text[key] = string(value)
	}
	return object("Secret", namespace, name, map[string]any{"type": kind, "stringData": text})
}

// object writes an object as JSON, which is YAML.
func object(kind, namespace, name string, more map[string]any) string {
	all := map[string]any{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"namespace": namespace, "name": name}}
	for key, value := range more {
		all[key] = value
	}
	data, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(data) + "\n---\n"
}

// found are the findings about a text that are no infos, as "RULE severity Kind namespace/name field".
func found(t *testing.T, text string, edit func(*validate.Options)) []string {
	t.Helper()
	var all []string
	for _, f := range findings(t, text, edit) {
		if f.Severity != validate.Info {
			all = append(all, fmt.Sprintf("%s %s %s %s", f.Rule, f.Severity, f.Object, f.Field))
		}
	}
	return all
}

func findings(t *testing.T, text string, edit func(*validate.Options)) []validate.Finding {
	t.Helper()
	b, err := bundle.Read("test.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	o := validate.Options{Rules: All, Now: time.Now(), CertMinDays: 30}
	o.Target, _ = mesh.Lookup("istio-1.31")
	if edit != nil {
		edit(&o)
	}
	result, err := validate.Run(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return result.Findings
}

// same compares what is found with what is wanted, both with commas between.
func same(t *testing.T, got []string, want string) {
	t.Helper()
	slices.Sort(got)
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("found %s\n    want  %s", text, want)
	}
}

func days(from, to int) pkitest.Edit {
	return func(t *pkitest.Template) {
		t.NotBefore, t.NotAfter = time.Now().AddDate(0, 0, from), time.Now().AddDate(0, 0, to)
	}
}

// encrypted is a key with a password, in the old form of PEM.
func encrypted(p *pkitest.Pair) []byte {
	block := &pem.Block{Type: "EC PRIVATE KEY", Bytes: p.KeyDER(), Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00112233445566778899AABBCCDDEEFF"}}
	return pem.EncodeToMemory(block)
}

// TestServed: a gateway's certificate, key and CA, right and wrong, in a Secret and in files that are mounted of it.
func TestServed(t *testing.T) {
	w := newWorld()
	names := []string{"shop.example"}
	rsa := w.root.Leaf(names, func(t *pkitest.Template) { t.Key = pkitest.RSA(2048) })
	pkcs1, err := x509.ParsePKCS8PrivateKey(rsa.KeyDER())
	if err != nil {
		t.Fatal(err)
	}
	sec1 := func(p *pkitest.Pair) []byte {
		key, err := x509.ParsePKCS8PrivateKey(p.KeyDER())
		if err != nil {
			t.Fatal(err)
		}
		return pkitest.Block("EC PRIVATE KEY", ecDER(t, key))
	}
	late := w.root.Leaf(names, days(1, 90))
	dead := w.root.Leaf(names, days(-90, -1))
	soon := w.root.Leaf(names, days(-80, 10))
	young := w.root.Leaf(names, days(-1, 10)) // made for eleven days: nine of them are to come
	shortCA := w.root.CA("short", days(-60, 60))
	beyond := shortCA.Leaf(names, days(-1, 90))
	deadCA := w.root.CA("dead", days(-90, -1))
	orphan := deadCA.Leaf(names)
	weak := w.root.Leaf(names, func(t *pkitest.Template) { t.Key = pkitest.RSA(1024) })
	p384 := w.root.Leaf(names, func(t *pkitest.Template) { t.Key = pkitest.EC(elliptic.P384()) })
	noName := w.root.Leaf(nil)
	oneLabel := w.root.Leaf([]string{"*.shop.example"})
	for _, c := range []struct {
		name     string
		crt, key []byte
		ca, crl  []byte
		want     string // at the Secret's fields, whether it is named or mounted
	}{
		{"EC", w.direct.PEM(), w.direct.KeyPEM(), nil, nil, ""},
		{"EC, the old form", w.direct.PEM(), sec1(w.direct), nil, nil, ""},
		{"P-384", p384.PEM(), p384.KeyPEM(), nil, nil, ""},
		{"RSA", rsa.PEM(), rsa.KeyPEM(), nil, nil, ""},
		{"RSA, the old form", rsa.PEM(), pkitest.Block("RSA PRIVATE KEY", pkcs1DER(t, pkcs1)), nil, nil, ""},
		{"chain", w.leaf.PEM(w.middle), w.leaf.KeyPEM(), nil, nil, ""},
		{"another's key", w.direct.PEM(), w.leaf.KeyPEM(), nil, nil, "MSH506 error tls.key"},
		{"RSA key of EC", w.direct.PEM(), rsa.KeyPEM(), nil, nil, "MSH506 error tls.key"},
		{"swapped", w.direct.KeyPEM(), w.direct.PEM(), nil, nil, "MSH519 error tls.crt, MSH519 error tls.key"},
		{"encrypted", w.direct.PEM(), pkitest.Block("ENCRYPTED PRIVATE KEY", []byte("0123456789")), nil, nil, "MSH519 error tls.key"},
		{"encrypted, the old form", w.direct.PEM(), encrypted(w.direct), nil, nil, "MSH519 error tls.key"},
		{"OpenSSH", w.direct.PEM(), pkitest.Block("OPENSSH PRIVATE KEY", w.direct.KeyDER()), nil, nil, "MSH519 error tls.key"},
		{"public key", w.direct.PEM(), publicPEM(t, w.direct), nil, nil, "MSH519 error tls.key"},
		{"base64 twice", []byte(base64.StdEncoding.EncodeToString(w.direct.PEM())), w.direct.KeyPEM(), nil, nil, "MSH519 error tls.crt"},
		{"DER", []byte(base64.StdEncoding.EncodeToString(w.direct.Raw)), w.direct.KeyPEM(), nil, nil, "MSH519 error tls.crt"},
		{"wrong order", w.middle.PEM(w.leaf), w.leaf.KeyPEM(), nil, nil, "MSH508 error tls.crt"},
		{"root sent", w.leaf.PEM(w.middle, w.root), w.leaf.KeyPEM(), nil, nil, ""}, // info
		{"not yet", late.PEM(), late.KeyPEM(), nil, nil, "MSH507 error tls.crt"},
		{"expired", dead.PEM(), dead.KeyPEM(), nil, nil, "MSH507 error tls.crt"},
		{"soon", soon.PEM(), soon.KeyPEM(), nil, nil, "MSH507 warning tls.crt"},
		{"short-lived", young.PEM(), young.KeyPEM(), nil, nil, ""},
		{"beyond its CA", beyond.PEM(shortCA), beyond.KeyPEM(), nil, nil, "MSH507 warning tls.crt"},
		{"expired intermediate", orphan.PEM(deadCA), orphan.KeyPEM(), nil, nil, "MSH507 error tls.crt"},
		{"weak", weak.PEM(), weak.KeyPEM(), nil, nil, "MSH515 error tls.crt"},
		{"no name", noName.PEM(), noName.KeyPEM(), nil, nil, "MSH509 error tls.crt"},
		{"one label", oneLabel.PEM(), oneLabel.KeyPEM(), nil, nil, "MSH509 error tls.crt"},
		{"client's", w.clientOnly.PEM(), w.clientOnly.KeyPEM(), nil, nil, "MSH509 error tls.crt, MSH510 error tls.crt"},
		{"CA", w.direct.PEM(), w.direct.KeyPEM(), w.root.PEM(w.other), nil, ""},
		{"CA that is none", w.direct.PEM(), w.direct.KeyPEM(), w.direct.PEM(), nil, "MSH514 warning ca.crt"},
		{"CA expired", w.direct.PEM(), w.direct.KeyPEM(), deadCA.PEM(), nil, "MSH507 error ca.crt"},
		{"one CA of two expired", w.direct.PEM(), w.direct.KeyPEM(), w.root.PEM(deadCA), nil, "MSH507 warning ca.crt"},
		{"CRL", w.direct.PEM(), w.direct.KeyPEM(), w.root.PEM(), w.root.CRL(time.Now().AddDate(0, 1, 0)), ""},
		{"CRL out of date", w.direct.PEM(), w.direct.KeyPEM(), w.root.PEM(), w.root.CRL(time.Now().AddDate(0, 0, -1)), "MSH518 error ca.crl"},
		{"CRL that is none", w.direct.PEM(), w.direct.KeyPEM(), w.root.PEM(), []byte("a list"), "MSH518 warning ca.crl"},
	} {
		values := map[string][]byte{"tls.crt": c.crt, "tls.key": c.key}
		tls, files := "{mode: SIMPLE, credentialName: shop}", "{mode: SIMPLE, serverCertificate: /etc/shop/tls.crt, privateKey: /etc/shop/tls.key}"
		if c.ca != nil {
			values["ca.crt"] = c.ca
			tls, files = "{mode: MUTUAL, credentialName: shop}", "{mode: MUTUAL, serverCertificate: /etc/shop/tls.crt, privateKey: /etc/shop/tls.key, caCertificates: /etc/shop/ca.crt}"
		}
		if c.crl != nil {
			values["ca.crl"] = c.crl
			files = strings.Replace(files, "}", ", caCrl: /etc/shop/ca.crl}", 1)
		}
		secret := secretOfValues("istio-ingress", "shop", "Opaque", values)
		var want []string
		for _, one := range strings.Split(c.want, ", ") {
			if rule, key, ok := cutLast(one, " "); ok {
				want = append(want, fmt.Sprintf("%s Secret istio-ingress/shop stringData[%q]", rule, key))
			}
		}
		t.Run(c.name, func(t *testing.T) {
			same(t, found(t, fmt.Sprintf(atGateway, tls)+secret, nil), strings.Join(want, ", "))
		})
		t.Run(c.name+", files", func(t *testing.T) {
			same(t, found(t, fmt.Sprintf(atGateway, files)+gatewayPod("{secret: {secretName: shop}}", "{mountPath: /etc/shop}")+secret, nil), strings.Join(want, ", "))
		})
	}
}

// cutLast cuts around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// gatewayPod is an ingress gateway with a volume of its own.
func gatewayPod(volume, mount string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: istio-ingress}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata:
      labels: {istio: ingressgateway}
      annotations: {inject.istio.io/templates: gateway}
    spec:
      containers: [{name: istio-proxy, image: auto, volumeMounts: [{name: certs, %s]}]
      volumes: [{name: certs, %s]
---
apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: istio-ingress}
spec:
  selector: {istio: ingressgateway}
  ports: [{name: https, port: 443, targetPort: 443}]
---
`, strings.TrimPrefix(mount, "{"), strings.TrimPrefix(volume, "{"))
}

func ecDER(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(key.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func pkcs1DER(t *testing.T, key any) []byte {
	t.Helper()
	return x509.MarshalPKCS1PrivateKey(key.(*rsakey.PrivateKey))
}

func publicPEM(t *testing.T, p *pkitest.Pair) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(p.Key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pkitest.Block("PUBLIC KEY", der)
}

func serverOnly(w world) *pkitest.Pair {
	return w.root.Leaf([]string{"orders"}, func(t *pkitest.Template) { t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
}

func target(t *testing.T, name string) mesh.Target {
	t.Helper()
	found, ok := mesh.Lookup(name)
	if !ok {
		t.Fatal(name)
	}
	return found
}
