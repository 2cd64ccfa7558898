package walk

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// files are two meshed workloads, one that is not, and the controller with last-mile TLS.
const files = `apiVersion: apps/v1
kind: Deployment
metadata: {name: echo-dep, namespace: default}
spec:
  selector: {matchLabels: {app: echo}}
  template:
    metadata:
      labels: {app: echo}
      annotations: {injector.tyk.io/inject: "true", injector.tyk.io/route: /echo-svc}
    spec: {containers: [{name: echo, image: echo, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: echo, namespace: default, annotations: {injector.tyk.io/inject: "true"}}
spec: {selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: sleep, namespace: default}
spec:
  selector: {matchLabels: {app: sleep}}
  template:
    metadata:
      labels: {app: sleep}
      annotations: {injector.tyk.io/inject: "on", injector.tyk.io/route: /sleepy-time, injector.tyk.io/group: web}
    spec: {containers: [{name: sleep, image: curl}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: legacy, namespace: default}
spec:
  selector: {matchLabels: {app: legacy}}
  template:
    metadata: {labels: {app: legacy}}
    spec: {containers: [{name: legacy, image: legacy, ports: [{containerPort: 9000}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: legacy, namespace: default}
spec: {selector: {app: legacy}, ports: [{name: http, port: 9000}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tyk-k8s-conf, namespace: tyk}
data:
  tyk-k8s.yaml: |
    CA: {addr: "https://cfssl-svc.tyk", key: "file:/key", certPath: /ca.crt, mongoConnStr: ""}
    Injector:
      createRoutes: true
      enableMeshTLS: true
      containers:
      - {name: tyk-mesh, image: tyk, env: [{name: TYK_GW_HTTPSERVEROPTIONS_USESSL, value: "true"}]}
      initContainers:
      - {name: run-iptables, image: init}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ca-pem, namespace: default}
data: {ca.crt: a}
`

var plain = strings.NewReplacer("enableMeshTLS: true", "enableMeshTLS: false", `USESSL, value: "true"`, `USESSL, value: "false"`).Replace(files)

func meshOf(t *testing.T, text string) *Mesh {
	t.Helper()
	b, err := bundle.Read("files.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	target, _ := mesh.Lookup("tyk")
	x, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
	if err != nil {
		t.Fatal(err)
	}
	return New(x.Objects())
}

// way is a path in short: who is passed, and what each sends by.
func way(p traffic.Path) string {
	var all []string
	for _, h := range p.Hops {
		text := h.Proxy
		if h.Workload != "" {
			text += " " + strings.TrimPrefix(h.Workload, "default/")
		}
		if h.Wire.Mode != "" {
			text += " (" + h.Wire.Mode + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, " > ")
}

const through = "application sleep (application) > sidecar sleep (simple) > sidecar echo-dep (plaintext) > workload echo-dep"

// TestWalk: where requests go, in the files and in variations of them.
func TestWalk(t *testing.T) {
	change := func(text string, pairs ...string) string {
		changed := strings.NewReplacer(pairs...).Replace(text)
		if changed == text {
			t.Fatalf("%q changes nothing", pairs[0])
		}
		return changed
	}
	port81 := change(files, "containerPort: 80}", "containerPort: 81}")
	inbound := change(files, "route: /echo-svc", "route: /echo-svc, string.service.tyk.io/proxy.listen-path: /only")
	for _, c := range []struct {
		name, files, from, to string
		code                  traffic.Code
		cause                 traffic.Cause
		way                   string // "" is not compared
	}{
		{"by the mesh", files, "default/sleep", "https://mesh/echo-svc", traffic.Arrives, "", through},
		{"by the mesh, below the route", files, "default/sleep", "https://mesh/echo-svc/a/b?c=d", traffic.Arrives, "", through},
		{"at the sidecar's own port", files, "default/sleep", "https://mesh:8080/echo-svc", traffic.Arrives, "", through},
		{"without TLS", plain, "default/sleep", "http://mesh/echo-svc", traffic.Arrives, "", "application sleep (plaintext) > sidecar sleep (plaintext) > sidecar echo-dep (plaintext) > workload echo-dep"},
		{"a client that is not in the files", files, "default/other", "https://mesh/echo-svc", traffic.Arrives, "", ""},
		{"localhost is no host of an API", plain, "default/sleep", "http://localhost/echo-svc", traffic.NoRoute, traffic.NoVirtualHost, "application sleep (plaintext) > sidecar sleep"},
		{"mesh.local neither", plain, "default/sleep", "http://mesh.local/echo-svc", traffic.NoRoute, traffic.NoVirtualHost, ""},
		{"localhost has no certificate", files, "default/sleep", "https://localhost/echo-svc", traffic.TLSFailure, traffic.WrongName, ""},
		{"no such route", files, "default/sleep", "https://mesh/unknown", traffic.NoRoute, traffic.NoRouteFits, ""},
		{"plaintext to TLS", files, "default/sleep", "http://mesh/echo-svc", traffic.ProtocolError, traffic.TLSExpected, ""},
		{"TLS to plaintext", plain, "default/sleep", "https://mesh/echo-svc", traffic.ProtocolError, traffic.HTTPExpected, ""},
		{"HTTP/2 without TLS", plain, "default/sleep", "h2c://mesh/echo-svc", traffic.ProtocolError, traffic.BytesExpectedHTTP, ""},
		{"bytes in TLS", files, "default/sleep", "tls://mesh:443", traffic.ProtocolError, traffic.BytesExpectedHTTP, ""},
		{"an outside host by TLS", files, "default/sleep", "https://api.example.com", traffic.TLSFailure, traffic.WrongName, ""},
		{"an outside host in plaintext", plain, "default/sleep", "http://api.example.com", traffic.NoRoute, traffic.NoVirtualHost, ""},
		{"an outside host on another port", files, "default/sleep", "https://api.example.com:8443", traffic.Passthrough, "", "application sleep (application)"},
		{"the callee's own name, captured", files, "default/sleep", "https://echo.default", traffic.TLSFailure, traffic.WrongName, ""},
		{"the callee's own port", files, "default/sleep", "https://echo.default:8080/x", traffic.Arrives, "", "application sleep (application) > sidecar echo-dep (plaintext) > workload echo-dep"},
		{"a tunnel to itself", files, "default/echo-dep", "http://localhost:6767/", traffic.Arrives, "", "application echo-dep (plaintext) > workload echo-dep"},

		{"from outside", files, traffic.Outside, "https://echo.default:8080/foo", traffic.Arrives, "", "application (application) > sidecar echo-dep (plaintext) > workload echo-dep"},
		{"from a workload without a sidecar", files, "default/legacy", "https://echo.default:8080/foo", traffic.Arrives, "", "application legacy (application) > sidecar echo-dep (plaintext) > workload echo-dep"},
		{"by the Service's short name: no certificate has it", files, "default/legacy", "https://echo:8080/", traffic.TLSFailure, traffic.WrongName, ""},
		{"by the Service's short name: no API has it", plain, "default/legacy", "http://echo:8080/", traffic.NoRoute, traffic.NoVirtualHost, ""},
		{"by the port that is gone", files, traffic.Outside, "https://echo.default/foo", traffic.NoCluster, traffic.UnknownPort, "application (application)"},
		{"mesh means nothing outside", files, "default/legacy", "https://mesh/echo-svc", traffic.NoCluster, traffic.UnknownService, ""},
		{"a Service without a sidecar", files, "default/sleep", "http://legacy.default:9000", traffic.Arrives, "", "application sleep (plaintext) > workload legacy"},

		{"the application listens elsewhere", port81, "default/sleep", "https://mesh/echo-svc", traffic.NoEndpoints, traffic.NoListener, ""},
		{"the Service is not annotated", change(files, `namespace: default, annotations: {injector.tyk.io/inject: "true"}}`, "namespace: default}"), "default/sleep", "https://mesh/echo-svc", traffic.NoCluster, traffic.UnknownPort, ""},
		{"the Service has another name", change(files, "{name: echo, namespace", "{name: echo-svc, namespace"), "default/sleep", "https://mesh/echo-svc", traffic.NoCluster, traffic.UnknownService, ""},
		{"the Service has two ports", change(files, "targetPort: 80}", "targetPort: 80}, {name: b, port: 81}"), "default/sleep", "https://mesh/echo-svc", traffic.NoCluster, traffic.UnknownService, ""},
		{"nobody is behind the Service", change(files, "selector: {app: echo}, ports", "selector: {app: none}, ports"), "default/sleep", "https://mesh/echo-svc", traffic.NoEndpoints, traffic.NobodyBehind, ""},
		{"no label app: no pod", change(files, "labels: {app: sleep}\n", "labels: {name: sleep}\n"), "default/sleep", "https://mesh/echo-svc", traffic.NoEndpoints, traffic.NobodyBehind, ""},
		{"a route without a slash", change(files, "route: /echo-svc", "route: echo-svc"), "default/sleep", "https://mesh/echo-svc", traffic.NoRoute, traffic.NoRouteFits, ""},
		{"one route twice", change(files, "/sleepy-time", "/echo-svc"), "default/sleep", "https://mesh/echo-svc", traffic.NoRoute, traffic.NoRouteFits, ""},
		{"sidecars take TLS and the mesh API sends none", change(files, "enableMeshTLS: true", "enableMeshTLS: false"), "default/sleep", "https://mesh/echo-svc", traffic.ProtocolError, traffic.TLSExpected, ""},
		{"an inbound API that calls port 443 comes back", change(files, "route: /echo-svc", "route: /echo-svc, string.service.tyk.io/proxy.target-url: https://elsewhere"), "default/sleep", "https://mesh/echo-svc", traffic.Loop, "", ""},

		{"the longest route that fits", change(files, "/sleepy-time", "/echo"), "default/sleep", "https://mesh/echo-svc", traffic.Arrives, "", through},
		{"an inbound API that takes one path", inbound, "default/sleep", "https://mesh/echo-svc/only/x", traffic.Arrives, "", through},
		{"an inbound API that does not take the path", inbound, "default/sleep", "https://mesh/echo-svc/other", traffic.NoRoute, traffic.NoRouteFits, ""},
		{"a granted caller", change(files, "route: /echo-svc", `route: /echo-svc, injector.tyk.io/caller-access-groups: "web,batch"`), "default/sleep", "https://mesh/echo-svc", traffic.Arrives, "", "application sleep (application) > sidecar sleep (mutual) > sidecar echo-dep (plaintext) > workload echo-dep"},
		{"a caller of another group", change(files, "route: /echo-svc", "route: /echo-svc, injector.tyk.io/caller-access-groups: batch"), "default/sleep", "https://mesh/echo-svc", traffic.NoRoute, traffic.NoRouteFits, "application sleep (application) > sidecar sleep"},
		{"from outside, without a certificate", change(files, "route: /echo-svc", "route: /echo-svc, injector.tyk.io/caller-access-groups: batch"), traffic.Outside, "https://echo.default:8080", traffic.TLSFailure, traffic.ClientCertificate, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := meshOf(t, c.files).Walk(traffic.Request{From: c.from, To: c.to})
			if err != nil {
				t.Fatal(err)
			}
			if p.Outcome.Code != c.code || p.Outcome.Cause != c.cause || c.way != "" && way(p) != c.way {
				t.Errorf("%s %s (%s)\n%s", p.Outcome.Code, p.Outcome.Cause, p.Outcome.Reason, way(p))
			}
		})
	}
}

// TestHops: what the hops of the mesh's own way say, one by one.
func TestHops(t *testing.T) {
	p, err := meshOf(t, files).Walk(traffic.Request{From: "default/sleep", To: "https://mesh/echo-svc"})
	if err != nil || len(p.Hops) != 4 {
		t.Fatalf("%v, %d hops", err, len(p.Hops))
	}
	app, own, callee := p.Hops[0], p.Hops[1], p.Hops[2]
	if app.Verify.Server.CA != "configmap default/ca-pem" || app.Wire.SNI != "mesh" || own.Terminates.Credential != "certificate mesh" {
		t.Errorf("to its own sidecar: %+v, which shows %+v", app, own.Terminates)
	}
	if own.Route != "echo-mesh" || own.Destination.String() != "echo.default:8080" || own.Wire.SNI != "echo.default" || own.Verify.Server.CA != "configmap default/ca-pem" || strings.Join(own.Verify.Server.Names, " ") != "echo.default" {
		t.Errorf("from there: %+v", own)
	}
	if callee.Terminates.Credential != "certificate echo.default" || callee.Route != "echo-inbound" || !callee.Inward() || callee.Destination.String() != "localhost:6767" {
		t.Errorf("there: %+v", callee)
	}
	if len(p.Assumed) > 0 {
		t.Errorf("assumed %q, and all is in the files", p.Assumed)
	}
}

// TestHost: the Host header counts, without its port, and not what is dialled.
func TestHost(t *testing.T) {
	m := meshOf(t, plain)
	for host, want := range map[string]traffic.Code{"mesh": traffic.Arrives, "mesh:80": traffic.Arrives, "other": traffic.NoRoute} {
		if p, err := m.Walk(traffic.Request{From: "default/sleep", To: "http://localhost/echo-svc", Host: host}); err != nil || p.Outcome.Code != want {
			t.Errorf("%s: %v %+v", host, err, p.Outcome)
		}
	}
}

// TestOperator: what else makes API definitions is named where no route is found.
func TestOperator(t *testing.T) {
	m := meshOf(t, plain+"---\n{apiVersion: tyk.tyk.io/v1alpha1, kind: ApiDefinition, metadata: {name: more, namespace: default}, spec: {}}\n")
	p, err := m.Walk(traffic.Request{From: "default/sleep", To: "http://mesh/more"})
	if err != nil || strings.Join(p.NotRead, "") != "ApiDefinition default/more" {
		t.Errorf("%v %q", err, p.NotRead)
	}
}

// TestCollision: API definitions are named by the app alone.
func TestCollision(t *testing.T) {
	other := files + "---\n" + strings.Replace(files[:strings.Index(files, "---")], "namespace: default", "namespace: other", 1)
	p, err := meshOf(t, other).Walk(traffic.Request{From: "default/sleep", To: "https://mesh/echo-svc"})
	if err != nil || p.Outcome.Code != traffic.Unknown || !strings.Contains(p.Outcome.Reason, "other/echo-dep") {
		t.Errorf("%v %+v", err, p.Outcome)
	}
}

// TestRequests: who calls what, and who is asked about a URL.
func TestRequests(t *testing.T) {
	m := meshOf(t, strings.Replace(files, "image: curl", `image: curl, env: [{name: URL, value: "http://localhost/echo-svc"}]`, 1))
	var got []string
	for _, r := range m.Requests("") {
		got = append(got, r.From+" "+r.To)
	}
	want := "default/sleep https://mesh/echo-svc\noutside https://echo.default:8080/\ndefault/sleep http://localhost/echo-svc"
	if all := strings.Join(got, "\n"); all != want {
		t.Errorf("got\n%s\nwant\n%s", all, want)
	}
	if clients := m.Clients("https://mesh/echo-svc"); strings.Join(clients, " ") != "default/sleep" {
		t.Errorf("clients %v", clients)
	}
	if clients := m.Clients("https://api.example.com"); strings.Join(clients, " ") != "default/echo-dep default/sleep" {
		t.Errorf("clients %v of a host that nothing names", clients)
	}
	if _, err := m.Walk(traffic.Request{From: "sleep", To: "https://mesh"}); err == nil {
		t.Error("a client without a namespace is taken")
	}
}
