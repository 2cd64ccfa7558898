package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var (
	namesCredential = regexp.MustCompile(`(?m)^( *)mode: (SIMPLE|MUTUAL)\n *credentialName: (\S+)(.*)\n`)
	podLabels       = regexp.MustCompile(`(?m)^( *)labels: \{app: orders, .*\}\n`)
)

// asFiles makes files of all credentials of an example: the sidecar has them by annotations, the egress gateway by volumes of
// its Deployment.
func asFiles(text string) string {
	var volumes, mounts, gateway, gatewayMounts []string
	text = namesCredential.ReplaceAllStringFunc(text, func(block string) string {
		m := namesCredential.FindStringSubmatch(block)
		indent, mode, name, want := m[1], m[2], m[3], m[4]
		server := strings.Contains(text[:strings.Index(text, block)], "kind: Gateway") && !strings.Contains(text[:strings.Index(text, block)], "kind: DestinationRule")
		pair := "clientCertificate"
		if server {
			pair = "serverCertificate"
			gateway = append(gateway, fmt.Sprintf("{name: %[1]s, secret: {secretName: %[1]s}}", name))
			gatewayMounts = append(gatewayMounts, fmt.Sprintf("{name: %[1]s, mountPath: /etc/%[1]s}", name))
		} else {
			volumes = append(volumes, fmt.Sprintf(`"%[1]s": {"secret": {"secretName": "%[1]s"}}`, name))
			mounts = append(mounts, fmt.Sprintf(`"%[1]s": {"mountPath": "/etc/%[1]s"}`, name))
		}
		out := indent + "mode: " + mode + "\n"
		if mode == "MUTUAL" || server {
			out += fmt.Sprintf("%[1]s%[2]s: /etc/%[3]s/tls.crt\n%[1]sprivateKey: /etc/%[3]s/tls.key\n", indent, pair, name)
		}
		if mode == "MUTUAL" || !server {
			out += fmt.Sprintf("%scaCertificates: /etc/%s/ca.crt%s\n", indent, name, want)
		}
		return out
	})
	text = podLabels.ReplaceAllString(text, "${0}${1}annotations: {sidecar.istio.io/userVolume: '{"+strings.Join(volumes, ", ")+"}', sidecar.istio.io/userVolumeMount: '{"+strings.Join(mounts, ", ")+"}'}\n")
	return text + fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: istio-egress}
spec:
  selector: {matchLabels: {istio: egressgateway}}
  template:
    metadata:
      labels: {istio: egressgateway}
      annotations: {inject.istio.io/templates: gateway}
    spec:
      containers: [{name: istio-proxy, image: auto, volumeMounts: [%s]}]
      volumes: [%s]
---
apiVersion: v1
kind: Service
metadata: {name: istio-egressgateway, namespace: istio-egress}
spec:
  selector: {istio: egressgateway}
  ports: [{name: https, port: 443, targetPort: 443}]
`, strings.Join(gatewayMounts, ", "), strings.Join(gateway, ", "))
}

// TestFilesMeet: the two sides of TLS are held against each other where both read files, as they are where both name Secrets.
func TestFilesMeet(t *testing.T) {
	for _, id := range []string{"MSH225", "MSH226", "MSH227", "MSH508", "MSH520"} {
		a, err := Archive(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(a).Files {
			text := string(f.Data)
			if strings.Contains(text, "# target: ") || !strings.Contains(text, "istio: egressgateway") || strings.Contains(text, "istio: ingressgateway") || strings.Contains(text, "-cacert") {
				continue
			}
			t.Run(id+"/"+f.Name, func(t *testing.T) {
				f = filled(t, txtar.File{Name: f.Name, Data: []byte(asFiles(text))})
				var got, want []string
				for _, one := range found(t, string(f.Data), nil) {
					rule, _, _ := strings.Cut(one, " ")
					got = append(got, rule)
				}
				if strings.HasPrefix(f.Name, "bad") {
					want = []string{id}
				}
				if !slices.Equal(got, want) {
					t.Errorf("found %q, want %v", found(t, string(f.Data), nil), want)
				}
			})
		}
	}
}
