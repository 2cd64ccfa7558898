package rules

import (
	"fmt"
	"testing"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// TestFormsOfKeys: where a key was cut out, none is written; and a key stays one, whatever stands around it.
func TestFormsOfKeys(t *testing.T) {
	key := string(pkitest.Root("a").KeyPEM())
	for text, want := range map[string]string{
		"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n":         "",
		"-----BEGIN RSA PRIVATE KEY-----\n<your key>\n-----END RSA PRIVATE KEY": "",
		key: `MSH912 error ConfigMap shop/a data.key`,
		"listen: ${PORT}\n" + key + "{{ end }}\n": `MSH912 error ConfigMap shop/a data.key`,
	} {
		same(t, found(t, object("ConfigMap", "shop", "a", map[string]any{"data": map[string]any{"key": text}}), nil), want)
	}
}

// TestGatewayAnnotations: Istio's template for gateways does not look at the annotations by which sidecars get volumes.
func TestGatewayAnnotations(t *testing.T) {
	const file = "MSH511 error Gateway istio-ingress/shop spec.servers[0].tls.serverCertificate"
	text := fmt.Sprintf(atGateway, "{mode: SIMPLE, serverCertificate: /etc/p/tls.crt, privateKey: /etc/p/tls.key}") + `
apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: istio-ingress}
spec: {selector: {istio: ingressgateway}, ports: [{name: https, port: 443}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: istio-ingress}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata:
      labels: {istio: ingressgateway}
      annotations:
        inject.istio.io/templates: %s
        sidecar.istio.io/userVolume: '{"p": {"secret": {"secretName": "shop"}}}'
        sidecar.istio.io/userVolumeMount: '{"p": {"mountPath": "/etc/p"}}'
    spec:
      containers: [{name: istio-proxy, image: auto}]
`
	same(t, found(t, fmt.Sprintf(text, "gateway"), nil), file)
	same(t, found(t, fmt.Sprintf(text, "sidecar,gateway"), nil), "")
	same(t, found(t, fmt.Sprintf(text, "'gateway,our-own'"), nil), "")
}
