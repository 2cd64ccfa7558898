package traffic

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

const withoutCluster = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [api.partner.example], resolution: DNS, ports: [{number: 443, name: https, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.partner.example
  workloadSelector: {matchLabels: {app: orders}}
  trafficPolicy: {tls: {mode: MUTUAL, credentialName: client, sni: api.partner.example}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: secrets, namespace: shop}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: secrets, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: secrets}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec: {template: {metadata: {labels: {app: orders}}, spec: {containers: [{name: orders}]}}}
`

// TestFacts asks the same with and without a fact, where nothing is assumed, unless it says so.
func TestFacts(t *testing.T) {
	const own, plain = `
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}`, `
---
apiVersion: v1
kind: Namespace
metadata: {name: plain, labels: {istio-injection: disabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: batch, namespace: plain}
spec: {template: {metadata: {labels: {app: batch}}, spec: {containers: [{name: batch}]}}}`
	for _, c := range []struct {
		name, more, from, to, fact, target string
		assume                             bool
		without, with                      Code
	}{
		{"a Secret", own, "shop/orders", "http://api.partner.example:443", "Secret/shop/client", "istio-1.31", false, TLSFailure, Arrives},
		{"a Secret that lies elsewhere", own + "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: client, namespace: other}\nstringData: {tls.crt: a, tls.key: b, ca.crt: c}",
			"shop/orders", "http://api.partner.example:443", "Secret/shop/client", "istio-1.31", true, TLSFailure, Arrives},
		{"registry only", own, "shop/orders", "http://www.partner.example", "outbound=registry-only", "istio-1.31", false, Passthrough, Blackhole},
		{"registry only, assuming", own, "shop/orders", "http://www.partner.example", "outbound=registry-only", "istio-1.31", true, Passthrough, Blackhole},
		{"the files say it themselves", own + "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'outboundTrafficPolicy: {mode: ALLOW_ANY}'}",
			"shop/orders", "http://www.partner.example", "outbound=registry-only", "istio-1.31", false, Passthrough, Passthrough},
		{"a Service", own, "shop/orders", "http://web.other.svc.cluster.local:8080", "Service/other/web:http-8080", "istio-1.31", false, Passthrough, Arrives},
		{"strict", own + plain, "plain/batch", "http://web.other.svc.cluster.local:8080", "mesh-mtls=strict", "istio-1.31", false, Arrives, NoRoute},
		{"a namespace", strings.ReplaceAll(own, "name: shop", "name: other"), "shop/orders", "http://www.partner.example", "Namespace/shop", "istio-1.31", false, Arrives, Passthrough},
	} {
		ask := func(facts ...string) Path {
			if c.name == "strict" {
				facts = append(facts, "Service/other/web:http-8080")
			}
			f, err := ParseFacts(facts)
			if err != nil {
				t.Fatal(err)
			}
			b, err := bundle.Read("files.yaml", strings.NewReader(withoutCluster+c.more))
			if err != nil {
				t.Fatal(err)
			}
			target, _ := mesh.Lookup(c.target)
			x, err := NewIndex(b, Options{Target: target, Assume: c.assume, Facts: f})
			if err != nil {
				t.Fatal(err)
			}
			p, err := x.Walk(Request{From: c.from, To: c.to})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		if p := ask(); p.Outcome.Code != c.without {
			t.Errorf("%s: without it %s: %s, want %s", c.name, p.Outcome.Code, p.Outcome.Reason, c.without)
		}
		p := ask(c.fact)
		if p.Outcome.Code != c.with {
			t.Errorf("%s: with it %s: %s, want %s", c.name, p.Outcome.Code, p.Outcome.Reason, c.with)
		}
		for _, what := range p.Assumed {
			if strings.HasPrefix(what, "Secret") || strings.HasPrefix(what, "Service ") || strings.HasPrefix(what, "outbound") {
				t.Errorf("%s: settled, and still assumed: %s", c.name, what)
			}
		}
	}
}

// TestFactsRefused says what is no fact.
func TestFactsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"Sercet/shop/client":      "did you mean Secret?",
		"Secret/client":           "want Secret/NAMESPACE/NAME",
		"Secret/shop/":            "want Secret/NAMESPACE/NAME",
		"Secret/shop/a/b":         "want Secret/NAMESPACE/NAME",
		"Service/shop/web":        "want a number from 1 to 65535",
		"Service/shop/web:http":   "want a number from 1 to 65535",
		"Service/shop/web:80,0":   `port "0"`,
		"Namespace/shop/x":        "want Namespace/NAME",
		"outbound=registry_only":  "did you mean outbound=registry-only?",
		"the weather":             "unknown",
		"":                        "unknown",
		"Deployment/shop/web":     "unknown",
		"mesh-mtls=strictly":      "did you mean mesh-mtls=strict?",
		"outbound=allow-any-more": "did you mean outbound=allow-any?",
	} {
		if _, err := ParseFacts([]string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseFacts([]string{"outbound=allow-any", "outbound=registry-only"}); err == nil {
		t.Error("two that contradict each other are taken")
	}
}
