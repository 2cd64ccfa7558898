package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/pki/pkitest"
	"github.com/meshscenario/scenario/validate"
)

// routeTo writes a Route to a Service of the mesh, with what its tls says.
func routeTo(name string, tls map[string]any) string {
	route := object("Route", "shop", name, map[string]any{"spec": map[string]any{
		"host": "shop.apps.example", "to": map[string]any{"kind": "Service", "name": "web", "weight": 100},
		"port": map[string]any{"targetPort": "http"}, "tls": tls,
	}})
	return strings.Replace(route, `"apiVersion":"v1"`, `"apiVersion":"route.openshift.io/v1"`, 1)
}

// TestRoutes: the certificates of a Route, inline and of a Secret.
func TestRoutes(t *testing.T) {
	w := newWorld()
	names := []string{"shop.apps.example"}
	leaf, direct := w.middle.Leaf(names), w.root.Leaf(names)
	dead := w.root.Leaf(names, days(-90, -1))
	on := func(o *validate.Options) { o.Target = target(t, "ossm-3.2") }
	at := func(field string) string { return " Route shop/web spec.tls." + field }
	inline := func(crt, key, ca []byte) map[string]any {
		tls := map[string]any{"termination": "edge", "certificate": string(crt), "key": string(key)}
		if ca != nil {
			tls["caCertificate"] = string(ca)
		}
		return tls
	}
	external := map[string]any{"termination": "edge", "externalCertificate": map[string]any{"name": "shop"}}
	secret := func(kind string, p *pkitest.Pair, key []byte) string {
		return secretOfValues("shop", "shop", kind, map[string][]byte{"tls.crt": p.PEM(), "tls.key": key})
	}
	const kind = "kubernetes.io/tls"
	for _, c := range []struct {
		name    string
		tls     map[string]any
		objects string
		want    string
	}{
		{"right", inline(direct.PEM(), direct.KeyPEM(), nil), "", ""},
		{"intermediate apart", inline(leaf.PEM(), leaf.KeyPEM(), w.middle.PEM()), "", ""},
		{"another's key", inline(direct.PEM(), leaf.KeyPEM(), nil), "", "MSH506 error" + at("key")},
		{"expired", inline(dead.PEM(), dead.KeyPEM(), nil), "", "MSH507 error" + at("certificate")},
		{"another name", inline(w.direct.PEM(), w.direct.KeyPEM(), nil), "", "MSH509 error" + at("certificate")},
		{"encrypted", inline(direct.PEM(), pkitest.Block("ENCRYPTED PRIVATE KEY", []byte("0123")), nil), "", "MSH519 error" + at("key")},
		{"swapped", inline(direct.KeyPEM(), direct.PEM(), nil), "", "MSH519 error" + at("certificate") + ", MSH519 error" + at("key") + ", MSH912 error" + at("certificate")},
		{"placeholders", inline([]byte("{{ .Values.crt }}"), []byte("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"), nil), "", ""},
		{"of a Secret", external, secret(kind, direct, direct.KeyPEM()), ""},
		{"of a Secret, another's key", external, secret(kind, direct, leaf.KeyPEM()), `MSH506 error Secret shop/shop stringData["tls.key"]`},
		{"of a Secret, expired", external, secret(kind, dead, dead.KeyPEM()), `MSH507 error Secret shop/shop stringData["tls.crt"]`},
		{"of a Secret, another name", external, secret(kind, w.direct, w.direct.KeyPEM()), `MSH509 error Secret shop/shop stringData["tls.crt"]`},
		{"of a Secret of another type", external, secret("Opaque", direct, direct.KeyPEM()), "MSH519 error Secret shop/shop type"},
		{"of a Secret that is not in the files", external, "", ""},
		{"of a Secret of another namespace", external, secretOfValues("other", "shop", kind, map[string][]byte{"tls.crt": direct.PEM(), "tls.key": direct.KeyPEM()}), "MSH502 error" + at("externalCertificate")},
		{"of what cert-manager makes", external, "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: any, namespace: shop}\nspec: {secretName: shop, dnsNames: [www.apps.example]}\n", "MSH509 error Certificate shop/any spec.dnsNames"},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, found(t, backendOutside+routeTo("web", c.tls)+c.objects, on), c.want) })
	}
}

// backendOutside is a Service without a sidecar.
var backendOutside = strings.Replace(strings.Split(backend, "apiVersion: rbac")[0], `sidecar.istio.io/inject: "true"`, `sidecar.istio.io/inject: "false"`, 1)

// TestReencrypt: what a Route trusts is held against what the gateway behind it shows, of a Secret or a file.
func TestReencrypt(t *testing.T) {
	w := newWorld()
	server := w.root.Leaf([]string{"shop.apps.example"}, days(-1, 90))
	on := func(o *validate.Options) { o.Target, o.Now = target(t, "ossm-3.2"), time.Now() }
	gateway := strings.NewReplacer("hosts: [shop.example]\n    tls", "hosts: ['*']\n    tls", "shop.example", "shop.apps.example").Replace(atGateway)
	secret := secretOfValues("istio-ingress", "shop", "kubernetes.io/tls", map[string][]byte{"tls.crt": server.PEM(), "tls.key": server.KeyPEM()})
	pod := gatewayPod("{secret: {secretName: shop}}", "{mountPath: /etc/shop}")
	for _, tls := range []string{"{mode: SIMPLE, credentialName: shop}", "{mode: SIMPLE, serverCertificate: /etc/shop/tls.crt, privateKey: /etc/shop/tls.key}"} {
		for _, c := range []struct {
			name string
			ca   *pkitest.Pair
			want string
		}{
			{"its CA", w.root, ""},
			{"another CA", w.other, "MSH604 error Route istio-ingress/shop spec.tls.destinationCACertificate"},
		} {
			t.Run(c.name+" "+tls, func(t *testing.T) {
				route := strings.ReplaceAll(routeTo("shop", map[string]any{"termination": "reencrypt", "destinationCACertificate": string(c.ca.PEM())}), `"namespace":"shop"`, `"namespace":"istio-ingress"`)
				route = strings.NewReplacer(`"name":"web"`, `"name":"gateway"`, `"targetPort":"http"`, `"targetPort":"https"`).Replace(route)
				same(t, found(t, fmt.Sprintf(gateway, tls)+pod+backend+route+secret, on), c.want)
			})
		}
	}
}
