package rules

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	reports "github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/validate"
)

// TestNoSecretOfTykIsTold puts a secret wherever Tyk's settings have room for one, and looks for it in all that is reported.
func TestNoSecretOfTykIsTold(t *testing.T) {
	const secret = "c0ffee5ec4e7c0ffee5ec4e7c0ffee99"
	const head = "apiVersion: v1\nkind: %s\nmetadata: {name: tyk, namespace: tyk}\n%s:\n  %s: |\n    %s\n"
	texts := map[string]string{
		"key":        "CA: {addr: 'http://a', key: %s}",
		"bad key":    "CA: {addr: 'http://a', key: x%s}",
		"dashboard":  "Tyk: {secret: %s}",
		"database":   "CA: {mongoConnStr: 'mongodb://tyk:%s@mongo/tyk'}",
		"sidecar":    "Injector: {enableMeshTLS: true, containers: [{name: tyk-mesh, env: [{name: TYK_GW_SECRET, value: %s}]}]}",
		"in a URL":   "Injector: {containers: [{name: tyk-mesh, env: [{name: A, value: 'https://tyk:%s@dashboard.example'}]}]}",
		"broken":     "CA: {key: %s",
		"wrong type": "CA: {key: [%s]}",
		"a truth":    "Injector: {createRoutes: true, containers: {name: %s}}",
		"CFSSL":      `{"signing": {"default": {"usages": ["signing"], "expiry": "1h", "auth_key": "a"}}, "auth_keys": {"a": {"type": "standard", "key": "%s"}}}`,
		"no hex":     `{"signing": {"default": {"usages": ["signing"], "expiry": "1h", "auth_key": "a"}}, "auth_keys": {"a": {"type": "standard", "key": "%sx"}}}`,
		"target":     `{"name": "a", "proxy": {"target_url": "https://u:%s@a.example", "transport": {"ssl_insecure_skip_verify": true}}}`,
	}
	told := 0
	for name, text := range texts {
		for _, kind := range []string{"ConfigMap", "Secret"} {
			file := map[bool]string{true: "config.json", false: "tyk-k8s.yaml"}[strings.HasPrefix(text, "{")]
			object := fmt.Sprintf(head, kind, map[string]string{"ConfigMap": "data", "Secret": "stringData"}[kind], file, fmt.Sprintf(text, secret))
			told += withhold(t, kind+" "+name, object, secret)
		}
	}
	call := `{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: a}, annotations: {injector.tyk.io/inject: "true", injector.tyk.io/route: /a}}, spec: {containers: [{name: a, env: [{name: A, value: "https://u:%s@api.example/"}]}]}}`
	told += withhold(t, "call", fmt.Sprintf(call, secret), secret)
	if told < len(texts) {
		t.Errorf("%d findings in all: the texts are not looked at", told)
	}
}

// withhold holds that a bundle's findings do not have a secret in them, and gives their number.
func withhold(t *testing.T, name, text, secret string) int {
	t.Helper()
	b, err := bundle.Read("test.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	result, err := validate.Run(b, validate.Options{Rules: All, Target: target(t, "tyk"), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range reports.FindingFormats {
		var out bytes.Buffer
		if err := format.Write(&out, reports.Findings{Target: "tyk", Files: []string{"test.yaml"}, Findings: result.Findings}, reports.Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s: %s tells the secret: %s", name, format.Name, out.String())
			break
		}
	}
	return len(result.Findings)
}

// FuzzTyk wants no panic of the rules about Tyk, whatever the files hold.
func FuzzTyk(f *testing.F) {
	for _, r := range tykRules {
		a, err := Archive(r.ID)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(a).Files {
			f.Add(string(file.Data))
		}
	}
	for _, odd := range []string{
		"{apiVersion: tyk.tyk.io/v1alpha1, kind: ApiDefinition, metadata: {name: a}, spec: []}",
		"{apiVersion: tyk.tyk.io/v1alpha1, kind: ApiDefinition, metadata: {name: a}, spec: {proxy: [], upstream_certificates: {'': 1, '[::1': x, '*': {}}}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {'': '', tyk-k8s.: 'Injector: {containers: [null, {env: [null]}], initContainers: [{volumeMounts: [null]}]}', b: '[{\"proxy\": 1, \"target_url\": 2}]'}}",
		"{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {injector.tyk.io/inject: 'on', string.service.tyk.io/: x, bool.service.tyk.io/a..b: 'true'}}, spec: null}",
		"{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {injector.tyk.io/inject: y}}, spec: {selector: {app: a}, ports: null}}",
		"{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}, spec: {rules: [null, {http: {paths: [1, {backend: {serviceName: 3, servicePort: {}}}]}}]}}",
		"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: tyk}, webhooks: [null, {clientConfig: {service: {name: tyk, path: 1}}, admissionReviewVersions: [1, v1]}]}",
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: cfssl, args: [serve, '-', '--', -ca-key], volumeMounts: [{name: x}]}]}}",
	} {
		f.Add(odd)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := bundle.Read("x", strings.NewReader(text))
		if err != nil {
			return
		}
		result, err := validate.Run(b, validate.Options{Rules: tykRules, Target: target(t, "tyk")})
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range result.Findings {
			if lines := 2 + strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u0085") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029"); found.Line < 1 || found.Line > lines {
				t.Errorf("%s is at line %d of %d", found.Rule, found.Line, lines)
			}
		}
	})
}
