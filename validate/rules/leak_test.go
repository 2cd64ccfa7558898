package rules

import (
	"bytes"
	"crypto/elliptic"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/pki/pkitest"
	reports "github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/validate"
)

// shapes are a private key as people come to write it where it belongs, and where it does not.
func shapes(p *pkitest.Pair) map[string]string {
	key := string(p.KeyPEM())
	lines := strings.Split(strings.TrimSpace(key), "\n")
	return map[string]string{
		"key": key, "beside": string(p.PEM()) + key, "twice": base64.StdEncoding.EncodeToString([]byte(key)), "DER": base64.StdEncoding.EncodeToString(p.KeyDER()),
		"one line": strings.Join(lines, " "), "cut off": strings.Join(lines[:len(lines)-1], "\n"), "no begin": strings.Join(lines[1:], "\n"), "body": strings.Join(lines[1:len(lines)-1], ""),
		"called certificate": string(pkitest.Block("CERTIFICATE", p.KeyDER())), "escaped": strings.Join(lines, `\n`),
		"after a path": "/etc/certs/tls.key\n" + key,
		"with a veil":  "${PREFIX}" + key, "encrypted": string(encrypted(p)),
	}
}

// tells finds parts of a private key in a text, in the forms in which they may be written.
func tells(p *pkitest.Pair, text string) string {
	var parts []string
	der := p.KeyDER()
	for _, encoded := range []string{base64.StdEncoding.EncodeToString(der), base64.StdEncoding.EncodeToString(p.KeyPEM()), fmt.Sprintf("%x", der), fmt.Sprintf("%X", der), strings.Trim(fmt.Sprint(der), "[]")} {
		for at := 0; at+12 <= len(encoded); at += 6 { // any eighteen characters in a row hold one of these
			parts = append(parts, encoded[at:at+12])
		}
	}
	flat := strings.Join(strings.Fields(strings.ReplaceAll(text, `\n`, "")), "")
	for _, part := range parts {
		if strings.Contains(flat, strings.ReplaceAll(part, " ", "")) {
			return part
		}
	}
	return ""
}

// TestNoKeyIsTold puts a private key wherever objects have room for one, and looks for any part of it in all that is
// reported, in every format.
func TestNoKeyIsTold(t *testing.T) {
	w := newWorld()
	secretPair := w.root.Leaf([]string{"shop.example"}, func(t *pkitest.Template) { t.Key = pkitest.EC(elliptic.P384()) })
	quote := func(s string) string { return fmt.Sprintf("%q", s) }
	crt, ca := quote(string(w.direct.PEM())), quote(string(w.root.PEM()))
	const named = "apiVersion: v1\nkind: %s\nmetadata: {name: shop, namespace: %s}\n"
	mutual := fmt.Sprintf(atGateway, "{mode: MUTUAL, credentialName: shop}")
	places := map[string]func(value string) string{
		"tls.crt": func(v string) string {
			return mutual + fmt.Sprintf(named+"stringData: {tls.crt: %s, tls.key: %s, ca.crt: %s}", "Secret", "istio-ingress", v, v, ca)
		},
		"tls.key": func(v string) string {
			return mutual + fmt.Sprintf(named+"stringData: {tls.crt: %s, tls.key: %s, ca.crt: %s}", "Secret", "istio-ingress", crt, v, ca)
		},
		"ca.crt": func(v string) string {
			return mutual + fmt.Sprintf(named+"stringData: {tls.crt: %s, tls.key: %s, ca.crt: %s}", "Secret", "istio-ingress", crt, v, v)
		},
		"ca.crl": func(v string) string {
			return mutual + fmt.Sprintf(named+"stringData: {tls.crt: %s, tls.key: %s, ca.crt: %s, ca.crl: %[4]s}", "Secret", "istio-ingress", crt, v, ca)
		},
		"data": func(v string) string {
			return mutual + fmt.Sprintf(named+"data: {tls.crt: %s, tls.key: %[3]s}", "Secret", "istio-ingress", v)
		},
		"Secret's type": func(v string) string { return mutual + fmt.Sprintf(named+"type: %s", "Secret", "istio-ingress", v) },
		"no data":       func(v string) string { return mutual + fmt.Sprintf(named+"tls.key: %s", "Secret", "istio-ingress", v) },
		"list of data":  func(v string) string { return mutual + fmt.Sprintf(named+"data: [%s]", "Secret", "istio-ingress", v) },
		"ConfigMap": func(v string) string {
			return fmt.Sprintf(bySidecar, "{mode: SIMPLE, credentialName: 'configmap://shop'}", "{}") + fmt.Sprintf(named+"data: {ca.crt: %s, key: %[3]s}", "ConfigMap", "shop", v)
		},
		"files": func(v string) string {
			return fmt.Sprintf(bySidecar, "{mode: MUTUAL, clientCertificate: /etc/p/crt, privateKey: /etc/p/key, caCertificates: /etc/p/key}", `{sidecar.istio.io/userVolume: '{"p": {"secret": {"secretName": "shop"}}}', sidecar.istio.io/userVolumeMount: '{"p": {"mountPath": "/etc/p"}}'}`) +
				fmt.Sprintf(named+"stringData: {crt: %s, key: %[3]s}", "Secret", "shop", v)
		},
		"rule": func(v string) string {
			return fmt.Sprintf(bySidecar, fmt.Sprintf("{mode: MUTUAL, clientCertificate: %s, privateKey: %[1]s, caCertificates: %[1]s}", v), "{}")
		},
		"rule's name": func(v string) string {
			return fmt.Sprintf(bySidecar, fmt.Sprintf("{mode: MUTUAL, credentialName: %s}", v), "{}")
		},
		"annotation": func(v string) string {
			return fmt.Sprintf(bySidecar, "{mode: SIMPLE, caCertificates: /etc/p/key}", fmt.Sprintf("{sidecar.istio.io/userVolume: %s}", v))
		},
		"server": func(v string) string {
			return fmt.Sprintf(atGateway, fmt.Sprintf("{mode: MUTUAL, serverCertificate: %s, privateKey: %[1]s, caCertificates: %[1]s}", v)) + ingress
		},
		"server's name": func(v string) string {
			return fmt.Sprintf(atGateway, fmt.Sprintf("{mode: SIMPLE, credentialName: %s}", v)) + ingress
		},
		"Route": func(v string) string {
			return backend + routeTo("web", map[string]any{"termination": "edge", "certificate": v[1:], "key": v, "caCertificate": v, "destinationCACertificate": v})
		},
		"external": func(v string) string {
			return backend + routeTo("web", map[string]any{"termination": "edge", "externalCertificate": map[string]any{"name": v}})
		},
		"Certificate": func(v string) string {
			return mutual + "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: shop, namespace: istio-ingress}\nspec: {secretName: shop, dnsNames: [a], commonName: " + v + "}"
		},
	}
	for place, text := range places {
		for shape, value := range shapes(secretPair) {
			for _, target1 := range []string{"istio-1.31", "ossm-3.2"} {
				t.Run(place+"/"+shape+"/"+target1, func(t *testing.T) {
					b, err := bundle.Read("test.yaml", strings.NewReader(text(quote(value))))
					if err != nil {
						if part := tells(secretPair, err.Error()); part != "" {
							t.Errorf("the error tells %q", part)
						}
						return
					}
					result, err := validate.Run(b, validate.Options{Rules: All, Target: target(t, target1), Now: time.Now(), CertMinDays: 30})
					if err != nil {
						t.Fatal(err)
					}
					for _, format := range reports.FindingFormats {
						var out bytes.Buffer
						if err := format.Write(&out, reports.Findings{Target: target1, Files: []string{"test.yaml"}, Findings: result.Findings}, reports.Options{}); err != nil {
							t.Fatal(err)
						}
						if part := tells(secretPair, out.String()); part != "" {
							for _, f := range result.Findings {
								if tells(secretPair, fmt.Sprint(f)) != "" {
									t.Errorf("%s tells %q: %s at %s", format.Name, part, f.Rule, f.Field)
									return
								}
							}
							t.Errorf("%s tells %q", format.Name, part)
						}
					}
				})
			}
		}
	}
}
