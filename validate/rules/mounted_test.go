package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/validate"
)

// TestMounted: what a sidecar reads as files is found in Secrets and ConfigMaps, however they are mounted.
func TestMounted(t *testing.T) {
	w := newWorld()
	client := w.root.Leaf([]string{"orders"})
	pair := map[string][]byte{"tls.crt": client.PEM(), "tls.key": client.KeyPEM(), "ca.crt": w.other.PEM()}
	secret := func(namespace, name string, more ...string) string {
		values := map[string][]byte{}
		for key, value := range pair {
			values[key] = value
		}
		for i := 0; i < len(more); i += 2 {
			if values[more[i]] = []byte(more[i+1]); more[i+1] == "" {
				delete(values, more[i])
			}
		}
		return secretOfValues(namespace, name, "Opaque", values)
	}
	caMap := func(namespace string, data map[string]string) string {
		return object("ConfigMap", namespace, "partner-ca", map[string]any{"data": data})
	}
	const mutual = "{mode: MUTUAL, clientCertificate: /etc/p/tls.crt, privateKey: /etc/p/tls.key, caCertificates: /etc/p/ca.crt, subjectAltNames: [api.partner.example]}"
	const simple = "{mode: SIMPLE, caCertificates: /etc/p/ca.crt, subjectAltNames: [api.partner.example]}"
	volume := func(volume, mount string) string {
		return fmt.Sprintf(`{sidecar.istio.io/userVolume: '{"p": %s}', sidecar.istio.io/userVolumeMount: '{"p": %s}'}`, volume, mount)
	}
	plain := volume(`{"secret": {"secretName": "partner"}}`, `{"mountPath": "/etc/p", "readOnly": true}`)
	of := func(field string) string {
		return fmt.Sprintf(" DestinationRule shop/partner spec.trafficPolicy.tls.%s", field)
	}
	leaf := string(w.direct.PEM())
	for _, c := range []struct{ name, tls, annotations, objects, want string }{
		{"secret", mutual, plain, secret("shop", "partner"), ""},
		{"another's key", mutual, plain, secret("shop", "partner", "tls.key", string(w.leaf.KeyPEM())), `MSH506 error Secret shop/partner stringData["tls.key"]`},
		{"server's certificate", mutual, plain, secret("shop", "partner", "tls.crt", string(serverOnly(w).PEM()), "tls.key", string(serverOnly(w).KeyPEM())), `MSH506 error Secret shop/partner stringData["tls.key"], MSH510 error Secret shop/partner stringData["tls.crt"]`},
		{"no such key", mutual, plain, secret("shop", "partner", "tls.key", ""), "MSH511 error" + of("privateKey")},
		{"not mounted", mutual, "{}", secret("shop", "partner"), "MSH511 error" + of("clientCertificate")},
		{"mounted elsewhere", mutual, volume(`{"secret": {"secretName": "partner"}}`, `{"mountPath": "/etc/pp"}`), secret("shop", "partner"), "MSH511 error" + of("clientCertificate")},
		{"a list of volumes", mutual, `{sidecar.istio.io/userVolume: '[{"name": "p", "secret": {"secretName": "partner"}}]', sidecar.istio.io/userVolumeMount: '[{"name": "p", "mountPath": "/etc/p"}]'}`, secret("shop", "partner"), ""},
		{"another namespace", mutual, plain, secret("other", "partner"), "MSH502 error" + of("clientCertificate")},
		{"both namespaces", mutual, plain, secret("other", "partner") + secret("shop", "partner"), ""},
		{"not in the files", mutual, plain, "", ""},
		{"items", simple, volume(`{"secret": {"secretName": "partner", "items": [{"key": "root", "path": "ca.crt"}]}}`, `{"mountPath": "/etc/p"}`), secret("shop", "partner", "root", leaf), `MSH514 warning Secret shop/partner stringData["root"]`},
		{"no such item", simple, volume(`{"secret": {"secretName": "partner", "items": [{"key": "root", "path": "root.crt"}]}}`, `{"mountPath": "/etc/p"}`), secret("shop", "partner", "root", leaf), "MSH511 error" + of("caCertificates")},
		{"one file", simple, volume(`{"secret": {"secretName": "partner"}}`, `{"mountPath": "/etc/p/ca.crt", "subPath": "root"}`), secret("shop", "partner", "root", leaf), `MSH514 warning Secret shop/partner stringData["root"]`},
		{"one file that is not there", simple, volume(`{"secret": {"secretName": "partner"}}`, `{"mountPath": "/etc/p/ca.crt", "subPath": "root"}`), secret("shop", "partner"), "MSH511 error" + of("caCertificates")},
		{"ConfigMap", simple, volume(`{"configMap": {"name": "partner-ca"}}`, `{"mountPath": "/etc/p"}`), caMap("shop", map[string]string{"ca.crt": string(w.other.PEM())}), ""},
		{"ConfigMap with a leaf", simple, volume(`{"configMap": {"name": "partner-ca"}}`, `{"mountPath": "/etc/p"}`), caMap("shop", map[string]string{"ca.crt": leaf}), `MSH514 warning ConfigMap shop/partner-ca data["ca.crt"]`},
		{"ConfigMap without PEM", simple, volume(`{"configMap": {"name": "partner-ca"}}`, `{"mountPath": "/etc/p"}`), caMap("shop", map[string]string{"ca.crt": "see the wiki"}), `MSH519 error ConfigMap shop/partner-ca data["ca.crt"]`},
		{"ConfigMap of another namespace", simple, volume(`{"configMap": {"name": "partner-ca"}}`, `{"mountPath": "/etc/p"}`), caMap("other", map[string]string{"ca.crt": leaf}), "MSH502 error" + of("caCertificates")},
		{"ConfigMap that is injected", simple, volume(`{"configMap": {"name": "partner-ca"}}`, `{"mountPath": "/etc/p"}`), strings.Replace(caMap("shop", nil), `"name":`, `"labels": {"config.openshift.io/inject-trusted-cabundle": "true"}, "name":`, 1), "MSH511 warning" + of("caCertificates")},
		{"bundle of trust-manager", simple, volume(`{"configMap": {"name": "partner-ca"}}`, `{"mountPath": "/etc/p"}`), "{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: partner-ca}, spec: {target: {configMap: {key: ca.crt}}}}\n---\n", ""},
		{"projected", mutual, volume(`{"projected": {"sources": [{"configMap": {"name": "partner-ca", "items": [{"key": "root", "path": "ca.crt"}]}}, {"secret": {"name": "partner"}}]}}`, `{"mountPath": "/etc/p"}`),
			secret("shop", "partner", "ca.crt", "", "tls.key", string(w.leaf.KeyPEM())) + caMap("shop", map[string]string{"root": leaf}),
			`MSH506 error Secret shop/partner stringData["tls.key"], MSH514 warning ConfigMap shop/partner-ca data["root"]`},
		{"certificate and key in one file", strings.ReplaceAll(mutual, "tls.key", "tls.crt"), plain, secret("shop", "partner", "tls.key", "", "tls.crt", string(client.PEM())+string(client.KeyPEM())), ""},
		{"CSI", mutual, volume(`{"csi": {"driver": "csi.cert-manager.io"}}`, `{"mountPath": "/etc/p"}`), secret("other", "partner"), ""},
		{"text in place of a name", "{mode: SIMPLE, caCertificates: \"-----BEGIN CERTIFICATE-----\\nabcd\\n-----END CERTIFICATE-----\\n\", subjectAltNames: [api.partner.example]}", "{}", "", "MSH511 error" + of("caCertificates")},
		{"in the image", "{mode: SIMPLE, caCertificates: /etc/ssl/certs/ca-certificates.crt, subjectAltNames: [api.partner.example]}", "{}", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, found(t, fmt.Sprintf(bySidecar, c.tls, c.annotations)+c.objects, nil), c.want)
		})
	}
}

// TestMissing: where nothing is taken for granted, what is mounted or named and not there is missing, unless somebody makes it.
func TestMissing(t *testing.T) {
	files := fmt.Sprintf(atGateway, "{mode: SIMPLE, serverCertificate: /etc/shop/tls.crt, privateKey: /etc/shop/tls.key}") + gatewayPod("{secret: {secretName: shop}}", "{mountPath: /etc/shop}") + backend
	const sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: shop, namespace: %s}\nspec: {encryptedData: {tls.crt: AgB, tls.key: AgC}}\n---\n"
	const file = " Gateway istio-ingress/shop spec.servers[0].tls.serverCertificate"
	same(t, found(t, files, strictly), "MSH501 error"+file)
	same(t, found(t, files, nil), "")
	same(t, found(t, files+fmt.Sprintf(sealed, "istio-ingress"), strictly), "")
	same(t, found(t, files+strings.ReplaceAll(fmt.Sprintf(sealed, "istio-ingress"), "tls.key", "key.pem"), strictly), "MSH511 warning Gateway istio-ingress/shop spec.servers[0].tls.privateKey")
	same(t, found(t, files+fmt.Sprintf(sealed, "shop"), nil), "MSH502 error"+file)

	route := backendOutside + routeTo("web", map[string]any{"termination": "edge", "externalCertificate": map[string]any{"name": "shop"}})
	on := func(strict bool) func(*validate.Options) {
		return func(o *validate.Options) { o.Target, o.Strict = target(t, "ossm-3.2"), strict }
	}
	same(t, found(t, route, on(true)), "MSH501 error Route shop/web spec.tls.externalCertificate")
	same(t, found(t, route+fmt.Sprintf(sealed, "shop"), on(true)), "")
	same(t, found(t, route+fmt.Sprintf(sealed, "other"), on(true)), "MSH502 error Route shop/web spec.tls.externalCertificate")
}

// TestControlPlaneVolumes: files of a gateway that the operator installs.
func TestControlPlaneVolumes(t *testing.T) {
	w := newWorld()
	const plane = `
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: basic, namespace: istio-ingress}
spec:
  version: v2.6
  gateways:
    ingress:
      volumes:
      - {volume: {secret: {secretName: shop}}, volumeMount: {name: shop, mountPath: /etc/shop}}
---
`
	ossm, _ := mesh.Lookup("ossm-2.6")
	on := func(o *validate.Options) { o.Target = ossm }
	gateway := strings.ReplaceAll(fmt.Sprintf(atGateway, "{mode: SIMPLE, serverCertificate: /etc/%[1]s/tls.crt, privateKey: /etc/%[1]s/tls.key}"), "networking.istio.io/v1", "networking.istio.io/v1beta1")
	values := map[string][]byte{"tls.crt": w.direct.PEM(), "tls.key": w.leaf.KeyPEM()}
	const wrong = `stringData["tls.key"]`
	same(t, found(t, plane+fmt.Sprintf(gateway, "shop")+secretOfValues("istio-ingress", "shop", "Opaque", values), on), "MSH506 error Secret istio-ingress/shop "+wrong)
	usual := strings.Split(plane, "      volumes:")[0] + "---\n"
	same(t, found(t, usual+fmt.Sprintf(gateway, "istio/ingressgateway-certs")+secretOfValues("istio-ingress", "istio-ingressgateway-certs", "Opaque", values), on), "MSH506 error Secret istio-ingress/istio-ingressgateway-certs "+wrong)
}
