package walk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// shop is a deployment: web calls three ports of bank, and others that cannot answer it; ledger is outside of the mesh.
const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: web}
      annotations:
        contrast.edgeless.systems/servicemesh-ingress: ""
        contrast.edgeless.systems/servicemesh-egress: "mutual#127.137.0.1:9000#bank:8080##server#127.137.0.2:9000#bank.shop:8443##none#127.137.0.3:9000#bank:7890##public#127.137.0.4:9000#api.partner.example:443##ledger#127.137.0.5:9000#ledger:8080##other#127.137.0.6:9000#other.elsewhere.svc:8080##open#127.137.0.7:9000#open:8080##port#127.137.0.8:9000#bank:9"
    spec:
      runtimeClassName: contrast-cc
      containers:
      - name: web
        env:
        - {name: BANK, value: "http://127.137.0.1:9000"}
        - {name: OLD, value: "bank:8080"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: bank, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: bank}
      annotations: {contrast.edgeless.systems/servicemesh-ingress: "web#18443#false##metrics#7890#true"}
    spec:
      runtimeClassName: contrast-cc-metal-qemu-snp
      containers:
      - name: bank
        ports: [{name: front, containerPort: 18443}]
---
apiVersion: v1
kind: Service
metadata: {name: bank, namespace: shop}
spec:
  selector: {app: bank}
  ports:
  - {name: http, port: 8080}
  - {name: https, port: 8443, targetPort: front}
  - {name: http-metrics, port: 7890, targetPort: 7890}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger, namespace: shop}
spec:
  template:
    metadata: {labels: {app: ledger}}
    spec: {containers: [{name: ledger}]}
---
apiVersion: v1
kind: Service
metadata: {name: ledger, namespace: shop}
spec: {selector: {app: ledger}, clusterIP: None, ports: [{port: 8080, targetPort: 80}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: open
  namespace: shop
  labels: {app: open}
  annotations: {contrast.edgeless.systems/servicemesh-ingress: DISABLED}
spec:
  runtimeClassName: contrast-cc
  containers: [{name: open}]
---
apiVersion: v1
kind: Service
metadata: {name: open, namespace: shop}
spec: {selector: {app: open}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: early
  namespace: shop
  annotations: {contrast.edgeless.systems/servicemesh-egress: "bank#127.137.0.1:9000#bank:8080"}
spec:
  template:
    metadata: {labels: {app: early}}
    spec: {runtimeClassName: contrast-cc, containers: [{name: early}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: broken, namespace: shop}
spec:
  template:
    metadata: {labels: {app: broken}}
    spec:
      initContainers:
      - name: sidecar
        image: ghcr.io/edgelesssys/contrast/service-mesh-proxy
        env:
        - {name: EDG_INGRESS_PROXY_CONFIG, value: "web#8080"}
        - {name: EDG_EGRESS_PROXY_CONFIG, value: "bank#127.137.0.1:9000#bank:8080"}
      containers: [{name: broken}]
---
apiVersion: v1
kind: Service
metadata: {name: broken, namespace: shop}
spec: {selector: {app: broken}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: secret, namespace: shop}
spec:
  template:
    metadata: {labels: {app: secret}}
    spec:
      initContainers:
      - name: contrast-service-mesh
        env:
        - {name: CONTRAST_INGRESS_PROXY_CONFIG, valueFrom: {configMapKeyRef: {name: mesh, key: ingress}}}
        - {name: CONTRAST_EGRESS_PROXY_CONFIG, valueFrom: {configMapKeyRef: {name: mesh, key: egress}}}
      containers: [{name: secret}]
---
apiVersion: v1
kind: Service
metadata: {name: secret, namespace: shop}
spec: {selector: {app: secret}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: unread, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: unread}
      annotations: {contrast.edgeless.systems/servicemesh-ingress: ""}
    spec: {containers: [{name: unread}]}
---
apiVersion: v1
kind: Service
metadata: {name: unread, namespace: shop}
spec: {selector: {app: unread}, ports: [{name: http, port: 8080}]}
`

// fence lets only pods of the namespace to port 7890 of bank.
const fence = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: fence, namespace: shop}
spec:
  podSelector: {matchLabels: {app: bank}}
  policyTypes: [Ingress]
  ingress:
  - {from: [{podSelector: {}}], ports: [{port: 7890}]}
  - {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bills}}, podSelector: {}}], ports: [{port: front}]}
`

func meshOf(t *testing.T, text string) *Mesh {
	t.Helper()
	b, err := bundle.Read("shop.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	target, _ := mesh.Lookup("contrast")
	x, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
	if err != nil {
		t.Fatal(err)
	}
	return New(x.Objects())
}

// told is a path in a line: at each hop who has it, what is sent on, what certificate is shown for it, and what TLS was
// taken off, showing which certificate and asking for which; and how it ends.
func told(p traffic.Path) string {
	var hops []string
	for _, h := range p.Hops {
		text := h.Proxy
		if term := h.Terminates; term != nil {
			asks := "asks none"
			if term.Required {
				asks = "asks " + term.ClientCA
			}
			text += fmt.Sprintf(" (shows %s, %s)", term.Credential, asks)
		}
		if h.Wire.Mode != "" {
			text += fmt.Sprintf(" %s:%d %s/%d", h.Destination.Host, h.Destination.Port, h.Wire.Mode, h.Wire.Layers)
		}
		if c := h.Verify.Client.Credential; c != "" {
			text += " showing " + c + " to " + h.Verify.Server.CA
		}
		hops = append(hops, text)
	}
	return strings.Join(hops, " → ") + ": " + strings.TrimSuffix(string(p.Outcome.Code)+" "+string(p.Outcome.Cause), " ")
}

func TestWalk(t *testing.T) {
	m, fenced := meshOf(t, shop), meshOf(t, shop+fence)
	const viaSidecar = "sidecar bank.shop.svc.cluster.local:%d mutual/1 showing mesh to mesh → sidecar (shows mesh, asks %s) :%d plaintext/0 → workload: arrives"
	for _, tc := range []struct {
		name     string
		mesh     *Mesh
		from, to string
		showing  string // a client certificate of the application's own
		want     string
	}{
		{"a port that no entry names takes a certificate of the deployment", m, "shop/web", "http://127.137.0.1:9000", "",
			"application 127.137.0.1:9000 plaintext/0 → " + fmt.Sprintf(viaSidecar, 8080, "mesh", 8080)},
		{"a port with #false asks for none, and is shown one all the same", m, "shop/web", "http://127.137.0.2:9000", "",
			"application 127.137.0.2:9000 plaintext/0 → " + fmt.Sprintf(viaSidecar, 8443, "none", 18443)},
		{"a port with #true does not understand the sidecar", m, "shop/web", "http://127.137.0.3:9000", "",
			"application 127.137.0.3:9000 plaintext/0 → sidecar bank.shop.svc.cluster.local:7890 mutual/1 showing mesh to mesh → workload: protocol-error tls-to-plaintext"},
		{"a public host has no certificate of the deployment", m, "shop/web", "tcp://127.137.0.4:9000", "",
			"application 127.137.0.4:9000 plaintext/0 → sidecar api.partner.example:443 mutual/1 showing mesh to mesh: tls-failure untrusted-server"},
		{"nor has a workload without the initializer", m, "shop/web", "tcp://127.137.0.5:9000", "",
			"application 127.137.0.5:9000 plaintext/0 → sidecar ledger.shop.svc.cluster.local:8080 mutual/1 showing mesh to mesh → workload: tls-failure untrusted-server"},
		{"a Service that the files do not hold is taken for one of the deployment", m, "shop/web", "tcp://127.137.0.6:9000", "",
			"application 127.137.0.6:9000 plaintext/0 → sidecar other.elsewhere.svc.cluster.local:8080 mutual/1 showing mesh to mesh: arrives"},
		{"a workload with ingress DISABLED takes what its application takes", m, "shop/web", "tcp://127.137.0.7:9000", "",
			"application 127.137.0.7:9000 plaintext/0 → sidecar open.shop.svc.cluster.local:8080 mutual/1 showing mesh to mesh → workload: protocol-error tls-to-plaintext"},
		{"a Service's port that is not there", m, "shop/web", "tcp://127.137.0.8:9000", "",
			"application 127.137.0.8:9000 plaintext/0 → sidecar bank.shop.svc.cluster.local:9 mutual/1 showing mesh to mesh: no-cluster unknown-port"},
		{"a socket that no entry has", m, "shop/web", "http://127.137.0.9:9000", "",
			"application 127.137.0.9:9000 plaintext/0: no-endpoints no-listener"},
		{"the port of a socket counts", m, "shop/web", "http://127.137.0.1:9001", "",
			"application 127.137.0.1:9001 plaintext/0: no-endpoints no-listener"},
		{"a sidecar does not listen for others", m, "shop/ledger", "http://127.137.0.1:9000", "",
			"application 127.137.0.1:9000 plaintext/0: no-endpoints no-listener"},
		{"the remote's own name goes past the sidecar, in plaintext", m, "shop/web", "http://bank:8080", "",
			"application bank.shop.svc.cluster.local:8080 plaintext/0 → sidecar (shows mesh, asks mesh): protocol-error tls-expected"},
		{"and out of the cluster", m, "shop/web", "http://api.partner.example", "",
			"application api.partner.example:80 plaintext/0: passthrough"},
		{"to a port without TLS it arrives, unencrypted", m, "shop/web", "http://bank:7890", "",
			"application bank.shop.svc.cluster.local:7890 plaintext/0 → workload: arrives"},
		{"TLS of the application's own, without a certificate", m, "shop/web", "https://bank:8080", "",
			"application bank.shop.svc.cluster.local:8080 application/1 → sidecar (shows mesh, asks mesh): tls-failure client-certificate"},
		{"with one", m, "shop/web", "https://bank:8080", "its own",
			"application bank.shop.svc.cluster.local:8080 application/1 showing its own to  → sidecar (shows mesh, asks mesh) :8080 plaintext/0 → workload: arrives"},
		{"TLS into the sidecar's socket is TLS within TLS", m, "shop/web", "https://127.137.0.1:9000", "",
			"application 127.137.0.1:9000 application/1 → sidecar bank.shop.svc.cluster.local:8080 mutual/2 showing mesh to mesh → sidecar (shows mesh, asks mesh) :8080 application/1 → workload: protocol-error tls-in-tls"},
		{"callers from outside have no certificate of the deployment", m, traffic.Outside, "https://bank.shop:8080", "",
			"application bank.shop.svc.cluster.local:8080 application/1 → sidecar (shows mesh, asks mesh): tls-failure client-certificate"},
		{"and need none for a port with #false", m, traffic.Outside, "https://bank.shop:8443", "",
			"application bank.shop.svc.cluster.local:8443 application/1 → sidecar (shows mesh, asks none) :18443 plaintext/0 → workload: arrives"},
		{"a name that no Service of the files has", m, traffic.Outside, "https://shop.example", "",
			"application shop.example:443 application/1: unknown not-in-files"},
		{"plaintext is not taken there", m, traffic.Outside, "http://bank.shop:8443", "",
			"application bank.shop.svc.cluster.local:8443 plaintext/0 → sidecar (shows mesh, asks none): protocol-error tls-expected"},
		{"a workload whose annotations no release reads is no part of the mesh", m, "shop/ledger", "http://unread:8080", "",
			"application unread.shop.svc.cluster.local:8080 plaintext/0 → workload: arrives"},
		{"a sidecar that does not start keeps the pod closed", m, "shop/ledger", "http://broken:8080", "",
			"application broken.shop.svc.cluster.local:8080 plaintext/0: no-endpoints no-listener"},
		{"in both directions", m, "shop/broken", "http://127.137.0.1:9000", "",
			"application 127.137.0.1:9000 plaintext/0: no-endpoints no-listener"},
		{"what stands in a ConfigMap is not known", m, "shop/ledger", "http://secret:8080", "",
			"application secret.shop.svc.cluster.local:8080 plaintext/0: unknown not-in-files"},
		{"nor where its sockets lead", m, "shop/secret", "http://127.137.0.1:9000", "",
			"application 127.137.0.1:9000 plaintext/0: unknown not-in-files"},
		{"the workload's own annotations count for releases before", m, "shop/early", "http://127.137.0.1:9000", "",
			"application 127.137.0.1:9000 plaintext/0 → " + fmt.Sprintf(viaSidecar, 8080, "mesh", 8080)},
		{"a NetworkPolicy lets nobody in from outside", fenced, traffic.Outside, "http://bank.shop:7890", "",
			"application bank.shop.svc.cluster.local:7890 plaintext/0: no-route"},
		{"nor from another namespace", fenced, "bills/web", "http://bank.shop:7890", "",
			"application bank.shop.svc.cluster.local:7890 plaintext/0: no-route"},
		{"but from its own", fenced, "shop/ledger", "http://bank:7890", "",
			"application bank.shop.svc.cluster.local:7890 plaintext/0 → workload: arrives"},
		{"or by a named port", fenced, "bills/web", "https://bank.shop:8443", "",
			"application bank.shop.svc.cluster.local:8443 application/1 → sidecar (shows mesh, asks none) :18443 plaintext/0 → workload: arrives"},
	} {
		p, err := tc.mesh.Walk(traffic.Request{From: tc.from, To: tc.to, Credential: tc.showing})
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := told(p); got != tc.want {
			t.Errorf("%s:\ngot  %s (%s)\nwant %s", tc.name, got, p.Outcome.Reason, tc.want)
		}
		if p.Outcome.Code != traffic.Arrives && p.Outcome.Reason == "" {
			t.Errorf("%s: no reason", tc.name)
		}
	}
}

// TestAssumed: what a path counts on and the files do not hold is said.
func TestAssumed(t *testing.T) {
	m := meshOf(t, shop)
	for to, want := range map[string]string{
		"shop/early http://127.137.0.1:9000":  "a release of Contrast before 1.13",
		"shop/web tcp://127.137.0.6:9000":     "behind other.elsewhere.svc:8080 a workload of the same Contrast deployment",
		"shop/nobody http://ledger:8080":      "workload shop/nobody, without a sidecar",
		"outside https://bank.shop:8443":      "a way from outside to Service shop/bank",
		"outside https://bank.elsewhere:8443": "",
	} {
		from, url, _ := strings.Cut(to, " ")
		p, err := m.Walk(traffic.Request{From: from, To: url})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Assumed, "; "); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: assumed %q, want %q", to, got, want)
		}
	}
}

func TestQuestions(t *testing.T) {
	m := meshOf(t, shop)
	for _, to := range []string{"ftp://a", "http://", "tcp://a", "http://a:70000", "http://a:b", "%"} {
		if _, err := m.Walk(traffic.Request{From: "shop/web", To: to}); err == nil {
			t.Errorf("%q: taken", to)
		}
	}
}

// TestRequests: the sockets of sidecars, with the scheme that the application is told; names that go past them; and the
// ports that are open to clients outside.
func TestRequests(t *testing.T) {
	m := meshOf(t, shop)
	var got []string
	for _, r := range m.Requests("") {
		got = append(got, r.From+" "+r.To)
	}
	for _, want := range []string{
		"shop/web http://127.137.0.1:9000",
		"shop/web tcp://127.137.0.4:9000",
		"shop/web http://bank:8080",
		"outside https://bank.shop.svc.cluster.local:8443",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s among %q", want, got)
		}
	}
	for _, never := range []string{"shop/web tcp://127.137.0.1:9000", "outside http://bank.shop.svc.cluster.local:7890", "outside https://bank.shop.svc.cluster.local:8080"} {
		if slices.Contains(got, never) {
			t.Errorf("%s is among them", never)
		}
	}
	if got := m.Clients("http://127.137.0.1:9000/path"); !slices.Equal(got, []string{"shop/web", "shop/early", "shop/broken"}) {
		t.Errorf("clients of a socket: %q", got)
	}
	for _, r := range m.Requests("https") {
		if !strings.HasPrefix(r.To, "https://") {
			t.Errorf("asked for https: %s", r.To)
		}
	}
	workloads, hosts := m.Known()
	if !slices.Contains(workloads, "shop/ledger") || !slices.Contains(hosts, "bank.shop.svc.cluster.local") {
		t.Errorf("known: %q, %q", workloads, hosts)
	}
}
