package rules

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// backend is what the gateway's server leads to, so that nothing is missing where nothing is taken for granted.
const backend = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: read-secrets, namespace: istio-ingress}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: read-secrets, namespace: istio-ingress}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read-secrets}
subjects: [{kind: ServiceAccount, name: default, namespace: istio-ingress}]
---
`

var ingress = gatewayPod("{emptyDir: {}}", "{mountPath: /etc/shop}")

const atServer = " Gateway istio-ingress/shop spec.servers[0].tls.credentialName"

func strictly(o *validate.Options) { o.Strict = true }

// TestForms: nothing is said of what is not there in clear.
func TestForms(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	const sops = "ENC[AES256_GCM,data:YQ==,iv:Yg==,tag:Yw==,type:str]"
	for name, secret := range map[string]string{
		"sops":                    "data: {tls.crt: '" + sops + "', tls.key: '" + sops + "', ca.crt: '" + sops + "'}\nsops: {version: 3.9.0, mac: '" + sops + "'}",
		"sops of texts":           "stringData: {tls.crt: '" + sops + "', tls.key: '" + sops + "', ca.crt: '" + sops + "'}\nsops: {version: 3.9.0}",
		"variables":               "data: {tls.crt: '${CRT}', tls.key: '${KEY}', ca.crt: $(CA)}",
		"template":                "data: {tls.crt: '{{ .Values.crt | b64enc }}', tls.key: '{{ .Values.key }}', ca.crt: '{{ .Values.ca }}'}",
		"paths":                   "stringData: {tls.crt: '<path:kv/data/shop#crt>', tls.key: '<path:kv/data/shop#key>', ca.crt: '<ca>'}",
		"placeholders, as base64": "data: {tls.crt: " + encode("<certificate>") + ", tls.key: " + encode("REPLACE_ME") + ", ca.crt: " + encode("{{ca}}") + "}",
		"empty data":              "data: {tls.crt: '', tls.key: '', ca.crt: ''}",
		"empty texts":             "stringData: {tls.crt: '', tls.key: '', ca.crt: ''}",
		"no data":                 "type: kubernetes.io/tls",
		"cut out":                 "stringData: {tls.crt: \"-----BEGIN CERTIFICATE-----\\n...\\n-----END CERTIFICATE-----\\n\", tls.key: \"-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----\\n\", ca.crt: \"-----BEGIN CERTIFICATE-----\\n<ca>\\n-----END CERTIFICATE-----\\n\"}",
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf(atGateway, "{mode: MUTUAL, credentialName: shop}") + "apiVersion: v1\nkind: Secret\nmetadata: {name: shop, namespace: istio-ingress}\n" + secret
			same(t, found(t, text, nil), "")
			if files := findings(t, text+"\n---\n"+ingress, nil); len(files) > 0 {
				t.Errorf("found %v", files)
			}
		})
	}
	// What is wrong beside it is still told.
	text := fmt.Sprintf(atGateway, "{mode: MUTUAL, credentialName: shop}") + "apiVersion: v1\nkind: Secret\nmetadata: {name: shop, namespace: istio-ingress}\n"
	same(t, found(t, text+"data: {tls.crt: '${CRT}', tls.key: '${KEY}'}", nil), "MSH504 error"+atServer)
	same(t, found(t, text+"stringData: {tls.crt: 'nothing that anybody knows', tls.key: '${KEY}', ca.crt: ''}", nil), `MSH519 error Secret istio-ingress/shop stringData["tls.crt"]`)
	same(t, found(t, text+"data: {tls.crt: '', tls.key: '', ca.crt: ''}\n---\n"+ingress+backend, strictly), "MSH504 error"+atServer)
}

// TestMakers: who makes a Secret says that it will be there, and where, and with which keys.
func TestMakers(t *testing.T) {
	for name, c := range map[string]struct {
		maker  string // with %s where the namespace stands
		anyNS  bool   // wherever it is made, it gets everywhere
		mutual string // what is found where the server asks for a CA too
	}{
		"SealedSecret":         {"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: shop, namespace: %s}\nspec: {encryptedData: {tls.crt: AgB, tls.key: AgC}}", false, "MSH504 warning" + atServer},
		"SealedSecret with CA": {"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: shop, namespace: %s}\nspec: {encryptedData: {tls.crt: AgB, tls.key: AgC}, template: {data: {ca.crt: abc}}}", false, ""},
		"SealedSecret, old":    {"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: shop, namespace: %s}\nspec: {data: AgB}", false, ""},
		"ExternalSecret":       {"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: any, namespace: %s}\nspec: {target: {name: shop}, data: [{secretKey: tls.crt}, {secretKey: tls.key}]}", false, "MSH504 warning" + atServer},
		"ExternalSecret, all":  {"apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nmetadata: {name: shop, namespace: %s}\nspec: {dataFrom: [{extract: {key: shop}}]}", false, ""},
		"ExternalSecret with a template": {"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: shop, namespace: %s}\n" +
			"spec: {target: {template: {data: {tls.crt: '{{ .a }}', tls.key: '{{ .b }}', ca.crt: '{{ .c }}'}}}, data: [{secretKey: a}, {secretKey: b}, {secretKey: c}]}", false, ""},
		"ClusterExternalSecret": {"apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: any}\nspec: {externalSecretSpec: {target: {name: shop}, dataFrom: [{extract: {key: %s}}]}}", true, ""},
		"Certificate":           {"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: any, namespace: %s}\nspec: {secretName: shop, dnsNames: [shop.example], issuerRef: {name: ca}}", false, ""},
		"Certificate, copied":   {"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: any, namespace: %s}\nspec: {secretName: shop, dnsNames: [shop.example], secretTemplate: {annotations: {reflector.v1.k8s.emberstack.com/reflection-auto-enabled: 'true'}}}", true, ""},
		"VaultStaticSecret":     {"apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultStaticSecret\nmetadata: {name: any, namespace: %s}\nspec: {destination: {name: shop, create: true}}", false, ""},
		"SecretProviderClass":   {"apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: any, namespace: %s}\nspec: {secretObjects: [{secretName: shop, data: [{key: tls.crt}]}]}", false, ""},
		"serving certificate":   {"apiVersion: v1\nkind: Service\nmetadata: {name: any, namespace: %s, annotations: {service.beta.openshift.io/serving-cert-secret-name: shop}}\nspec: {ports: [{name: http, port: 80}]}", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			simple, mutual := fmt.Sprintf(atGateway, "{mode: SIMPLE, credentialName: shop}"), fmt.Sprintf(atGateway, "{mode: MUTUAL, credentialName: shop}")
			here, there := fmt.Sprintf(c.maker, "istio-ingress"), fmt.Sprintf(c.maker, "shop")
			same(t, found(t, simple+ingress+backend, strictly), "MSH501 error"+atServer)
			same(t, found(t, simple+ingress+backend+here, strictly), "")
			same(t, found(t, mutual+ingress+backend+here, strictly), c.mutual)
			for _, edit := range []func(*validate.Options){nil, strictly} {
				want := "MSH502 error" + atServer
				if c.anyNS {
					want = ""
				}
				same(t, found(t, simple+ingress+backend+there, edit), want)
			}
		})
	}
}

// TestRequested: what cert-manager is asked for is held against its use as the certificate itself would be.
func TestRequested(t *testing.T) {
	const issuer = "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: ca, namespace: %s}\nspec: {ca: {secretName: root}}\n---\n"
	certificate := func(namespace, spec string) string {
		return fmt.Sprintf(issuer+"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: any, namespace: %[1]s}\nspec: {secretName: partner, issuerRef: {name: ca}, %s}\n---\n", namespace, spec)
	}
	server := fmt.Sprintf(atGateway, "{mode: SIMPLE, credentialName: partner}")
	client := fmt.Sprintf(bySidecar, "{mode: MUTUAL, credentialName: partner, subjectAltNames: [api.partner.example]}", "{}")
	other := func(field string) string { return " Certificate istio-ingress/any spec." + field }
	for _, c := range []struct{ name, text, want string }{
		{"right", server + certificate("istio-ingress", "dnsNames: [shop.example]"), ""},
		{"wildcard", server + certificate("istio-ingress", "dnsNames: ['*.example']"), ""},
		{"another name", server + certificate("istio-ingress", "dnsNames: [www.shop.example]"), "MSH509 error" + other("dnsNames")},
		{"common name alone", server + certificate("istio-ingress", "commonName: shop.example"), "MSH509 error" + other("dnsNames")},
		{"a template's name", server + certificate("istio-ingress", "dnsNames: ['{{ host }}']"), ""},
		{"client's", server + certificate("istio-ingress", "dnsNames: [shop.example], usages: [client auth]"), "MSH510 error" + other("usages")},
		{"plain usages", server + certificate("istio-ingress", "dnsNames: [shop.example], usages: [digital signature, key encipherment]"), ""},
		{"CA", server + certificate("istio-ingress", "dnsNames: [shop.example], isCA: true"), "MSH514 warning" + other("isCA")},
		{"as client", client + certificate("shop", "commonName: orders, usages: [client auth]"), ""},
		{"server's as client", client + certificate("shop", "dnsNames: [orders], usages: [digital signature, server auth]"), "MSH510 error Certificate shop/any spec.usages"},
		{"by whom nobody knows", client + strings.Replace(certificate("shop", "dnsNames: [orders], usages: [server auth]"), "{ca: {secretName: root}}", "{vault: {path: pki}}", 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, found(t, c.text, nil), c.want) })
	}
}

// TestLive: of a cluster, private keys are public ones, by which a certificate can still be told to fit.
func TestLive(t *testing.T) {
	w := newWorld()
	gateway := fmt.Sprintf(atGateway, "{mode: MUTUAL, credentialName: shop}")
	for name, c := range map[string]struct {
		crt, key, ca []byte
		want         string
	}{
		"right":             {w.direct.PEM(), publicPEM(t, w.direct), w.root.PEM(), ""},
		"another's":         {w.direct.PEM(), publicPEM(t, w.leaf), w.root.PEM(), "MSH506"},
		"withheld":          {w.direct.PEM(), []byte("withheld"), w.root.PEM(), ""},
		"no certificate":    {[]byte("withheld"), publicPEM(t, w.direct), w.root.PEM(), "MSH519"},
		"certificate twice": {w.direct.PEM(), w.direct.PEM(), w.root.PEM(), "MSH519"},
		"empty":             {w.direct.PEM(), nil, w.root.PEM(), "MSH519"},
		"key beside":        {append(w.direct.PEM(), publicPEM(t, w.direct)...), publicPEM(t, w.direct), w.root.PEM(), "MSH519"},
		"CA of a leaf":      {w.direct.PEM(), publicPEM(t, w.direct), w.leaf.PEM(), "MSH514"},
		"leaf is not first": {w.middle.PEM(w.leaf), publicPEM(t, w.leaf), w.root.PEM(), "MSH508"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := bundle.Read("test.yaml", strings.NewReader(gateway))
			if err != nil {
				t.Fatal(err)
			}
			data := map[string]any{}
			for key, value := range map[string][]byte{"tls.crt": c.crt, "tls.key": c.key, "ca.crt": c.ca} {
				data[key] = base64.StdEncoding.EncodeToString(value)
			}
			o, err := bundle.Live("cluster:a/istio-ingress/Secret/shop", map[string]any{
				"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": data,
				"metadata": map[string]any{"name": "shop", "namespace": "istio-ingress"},
			})
			if err != nil {
				t.Fatal(err)
			}
			b.Objects = append(b.Objects, o)
			options := validate.Options{Rules: All}
			options.Target = target(t, "istio-1.31")
			result, err := validate.Run(b, options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range result.Findings {
				if f.Severity != validate.Info {
					got = append(got, f.Rule)
				}
			}
			same(t, got, c.want)
		})
	}
}
