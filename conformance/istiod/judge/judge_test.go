package judge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"istio.io/istio/pilot/pkg/simulation"
)

func TestMain(m *testing.M) {
	if err := CleanEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func bundleOf(t *testing.T, documents ...string) *Bundle {
	t.Helper()
	b, err := Parse("test.yaml", []byte(strings.Join(documents, "\n---\n")))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// outside declares api.example on port 80 to everybody.
const outside = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {namespace: shop, name: api}
spec: {hosts: [api.example, beta.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
`

// routes is a VirtualService of api.example with the given http routes, in flow YAML.
func routes(http string) string {
	return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: api}
spec: {hosts: [api.example], http: ` + http + `}
`
}

// workload is a Service of one pod on port 8080 in namespace shop, with a sidecar if so said.
func workload(name, sidecar string) string {
	return `
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: ` + name + `}
spec: {selector: {app: ` + name + `}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: ` + name + `}
spec:
  selector: {matchLabels: {app: ` + name + `}}
  template:
    metadata: {labels: {app: ` + name + `, sidecar.istio.io/inject: "` + sidecar + `"}}
`
}

const ingress = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: istio-ingress, name: in}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {hosts: [api.example], port: {number: 80, name: http, protocol: HTTP}%s}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: in}
spec: {hosts: [api.example], gateways: [istio-ingress/in], http: [{route: [{destination: {host: web}}]}]}
`

// TestWalk holds what simulation.Run does not see: headers, methods, queries, weights, redirects, answers, the next hop.
func TestWalk(t *testing.T) {
	toBeta := `route: [{destination: {host: beta.example}}]`
	toAPI := `{route: [{destination: {host: api.example}}]}`
	for _, c := range []struct {
		name    string
		bundle  []string
		request Request
		want    string // destinations and outcome of each way
	}{
		{"a header routes", []string{outside, routes(`[{match: [{headers: {x-beta: {exact: "1"}}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example", Headers: map[string]string{"X-Beta": "1"}}, "beta.example:80 arrives"},
		{"an absent header does not", []string{outside, routes(`[{match: [{headers: {x-beta: {exact: "1"}}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example"}, "api.example:80 arrives"},
		{"a header that must be absent", []string{outside, routes(`[{match: [{withoutHeaders: {x-beta: {}}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example"}, "beta.example:80 arrives"},
		{"a method routes", []string{outside, routes(`[{match: [{method: {exact: POST}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example", Method: "POST"}, "beta.example:80 arrives"},
		{"a query routes", []string{outside, routes(`[{match: [{queryParams: {v: {exact: "2"}}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example/x?a=1&v=2"}, "beta.example:80 arrives"},
		{"a regular expression is anchored", []string{outside, routes(`[{match: [{uri: {regex: "/v[0-9]"}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example/v12"}, "api.example:80 arrives"},
		{"case is ignored where it is said", []string{outside, routes(`[{match: [{ignoreUriCase: true, uri: {prefix: /Beta}}], ` + toBeta + `}, ` + toAPI + `]`)},
			Request{To: "http://api.example/bETA/1"}, "beta.example:80 arrives"},
		{"no route", []string{outside, routes(`[{match: [{uri: {exact: /only}}], ` + toBeta + `}]`)},
			Request{To: "http://api.example/"}, " no-route"},
		{"weights make ways", []string{outside, routes(`[{route: [{destination: {host: beta.example}, weight: 30}, {destination: {host: api.example}, weight: 70}]}]`)},
			Request{To: "http://api.example"}, "70 % api.example:80 arrives, 30 % beta.example:80 arrives"},
		{"a redirect answers", []string{outside, routes(`[{redirect: {uri: /new, authority: beta.example}}]`)},
			Request{To: "http://api.example"}, " response: shop/web: redirected (MOVED_PERMANENTLY) to http://beta.example/new"},
		{"a direct response answers", []string{outside, routes(`[{directResponse: {status: 418}}]`)},
			Request{To: "http://api.example"}, " response: shop/web: answered with 418"},
		{"a host with a port", []string{outside}, Request{To: "http://api.example", Host: "api.example:80"}, "api.example:80 arrives"},
		{"h2c on an HTTP port", []string{outside}, Request{To: "h2c://api.example"}, "api.example:80 arrives"},
		{"other bytes on an HTTP port", []string{outside}, Request{To: "tcp://api.example:80"}, " blackhole"},
		{"mesh to mesh", []string{workload("web", "true"), workload("db", "true")},
			Request{To: "http://db"}, "db.shop.svc.cluster.local:8080 10.1.0.4:8080  arrives"},
		{"mesh to a pod without a sidecar", []string{workload("web", "true"), workload("db", "false")},
			Request{To: "http://db", Server: Plaintext}, "db.shop.svc.cluster.local:8080  arrives"},
		{"mesh TLS forced on a pod without a sidecar", []string{workload("web", "true"), workload("db", "false"), `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {namespace: shop, name: db}
spec: {host: db, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`},
			Request{To: "http://db"}, "db.shop.svc.cluster.local:8080  tls-failure"},
		{"a client without a sidecar into STRICT", []string{workload("web", "false"), workload("db", "true")},
			Request{To: "http://db"}, " no-route"},
		{"a client without a sidecar is not captured", []string{workload("web", "false")},
			Request{To: "http://anything.example"}, " arrives"},
		{"the gateway redirects to https", []string{workload("web", "true"), fmt.Sprintf(ingress, `, tls: {httpsRedirect: true}`)},
			Request{From: Outside, To: "http://api.example/x"}, " response: istio-ingress/istio-ingressgateway: redirected (MOVED_PERMANENTLY) to https://api.example/x"},
		{"through the gateway", []string{workload("web", "true"), fmt.Sprintf(ingress, "")},
			Request{From: Outside, To: "http://api.example/x"}, "web.shop.svc.cluster.local:8080 10.1.0.3:8080  arrives"},
		{"TLS to the gateway's plain port", []string{workload("web", "true"), fmt.Sprintf(ingress, "")},
			Request{From: Outside, To: "https://api.example:80/x"}, " protocol-error"},
		{"a Route without TLS", []string{workload("web", "true"), fmt.Sprintf(ingress, ""), route(``)},
			Request{From: Outside, To: "http://api.example/x"}, "istio-ingressgateway.istio-ingress:8080 web.shop.svc.cluster.local:8080 10.1.0.3:8080  arrives"},
		{"TLS to a Route without", []string{route(``)}, Request{From: Outside, To: "https://api.example/x"}, " no-route"},
		{"plain HTTP to a Route with TLS", []string{route(`, tls: {termination: edge}`)}, Request{From: Outside, To: "http://api.example/x"}, " no-route"},
		{"plain HTTP to a Route that redirects", []string{route(`, tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}`)},
			Request{From: Outside, To: "http://api.example/x"}, " response"},
		{"a passthrough Route goes by SNI", []string{route(`, tls: {termination: passthrough}`)},
			Request{From: Outside, To: "https://api.example/x", SNI: "-"}, " no-route"},
		{"an edge Route takes TLS off", []string{workload("web", "true"), fmt.Sprintf(ingress, ""), route(`, tls: {termination: edge}`)},
			Request{From: Outside, To: "https://api.example/x"}, "istio-ingressgateway.istio-ingress:8080 web.shop.svc.cluster.local:8080 10.1.0.3:8080  arrives"},
		{"no Route of that host", []string{route(``)}, Request{From: Outside, To: "http://other.example/x"}, " no-route"},
		{"a namespace that discoverySelectors leave out", []string{outside, `
apiVersion: v1
kind: ConfigMap
metadata: {namespace: istio-system, name: istio}
data: {mesh: "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}, discoverySelectors: [{matchLabels: {mesh: here}}]}"}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}`}, Request{To: "http://api.example"}, " blackhole"},
		{"ways within ways", []string{outside, toEgress(`[{match: [{gateways: [mesh]}], route: [{destination: {host: api.example}, weight: 60}, {destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 80}}, weight: 40}]},
    {match: [{gateways: [istio-egress/out]}], route: [{destination: {host: api.example}, weight: 50}, {destination: {host: gone.example}, weight: 50}]}]`)},
			Request{To: "http://api.example"}, "60 % api.example:80 arrives, 20 % istio-egressgateway.istio-egress.svc.cluster.local:8080 api.example:80 arrives, 20 % istio-egressgateway.istio-egress.svc.cluster.local:8080  no-cluster"},
		{"headers that the sidecar sets and removes", []string{outside, toEgress(`[{match: [{gateways: [mesh]}], headers: {request: {set: {x-env: prod}, remove: [x-secret]}}, route: [{destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 80}}}]},
    {match: [{gateways: [istio-egress/out], headers: {x-env: {exact: prod}}, withoutHeaders: {x-secret: {}}}], route: [{destination: {host: api.example}}]}]`)},
			Request{To: "http://api.example", Headers: map[string]string{"X-Secret": "1"}}, "istio-egressgateway.istio-egress.svc.cluster.local:8080 api.example:80 arrives"},
		{"a rewritten path keeps its query", []string{outside, toEgress(`[{match: [{gateways: [mesh], uri: {exact: /old}}], rewrite: {uri: /new}, route: [{destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 80}}}]},
    {match: [{gateways: [istio-egress/out], uri: {exact: /new}, queryParams: {a: {exact: "1"}}}], route: [{destination: {host: api.example}}]}]`)},
			Request{To: "http://api.example/old?a=1"}, "istio-egressgateway.istio-egress.svc.cluster.local:8080 api.example:80 arrives"},
		{"a path rewritten by pattern", []string{outside, toEgress(`[{match: [{gateways: [mesh]}], rewrite: {uriRegexRewrite: {match: "^/v([0-9])/(.*)$", rewrite: /\2/of/\1}}, route: [{destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 80}}}]},
    {match: [{gateways: [istio-egress/out], uri: {exact: /a/of/2}}], route: [{destination: {host: api.example}}]}]`)},
			Request{To: "http://api.example/v2/a"}, "istio-egressgateway.istio-egress.svc.cluster.local:8080 api.example:80 arrives"},
		{"a path is normalised before it is routed", []string{outside, routes(`[{match: [{uri: {exact: /b}}], ` + toBeta + `}]`)},
			Request{To: "http://api.example/a/../b"}, "beta.example:80 arrives"},
		{"the scheme is that of the gateway's TLS", []string{workload("web", "true"), `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: istio-ingress, name: in}
spec:
  selector: {istio: ingressgateway}
  servers: [{hosts: [api.example], port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: in}}]
---
apiVersion: v1
kind: Secret
metadata: {namespace: istio-ingress, name: in}
data: {tls.crt: YQ==, tls.key: Yg==}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: in}
spec: {hosts: [api.example], gateways: [istio-ingress/in], http: [{match: [{scheme: {exact: https}}], route: [{destination: {host: web}}]}]}`},
			Request{From: Outside, To: "https://api.example"}, "web.shop.svc.cluster.local:8080 10.1.0.3:8080  arrives"},
		{"a redirect to a port", []string{outside, routes(`[{redirect: {port: 8443, scheme: https}}]`)},
			Request{To: "http://api.example/a?x=1"}, " response: shop/web: redirected (MOVED_PERMANENTLY) to https://api.example:8443/a?x=1"},
		{"other bytes into the sidecar's HTTP port", []string{workload("web", "false"), workload("db", "true"), permissive},
			Request{To: "tcp://db:80"}, " protocol-error"},
		{"a port that the sidecar does not capture", []string{strings.Replace(workload("web", "true"), "metadata: {labels:", "metadata: {annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: \"80,8080\"}, labels:", 1)},
			Request{To: "http://unknown.example"}, " arrives"},
		{"a namespace that declines injection", []string{workload("web", "true"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: disabled}}"},
			Request{To: "http://unknown.example"}, " arrives"},
		{"no replicas", []string{workload("web", "true"), strings.Replace(workload("db", "true"), "spec:\n  selector", "spec:\n  replicas: 0\n  selector", 1)},
			Request{To: "http://db"}, "db.shop.svc.cluster.local no-endpoints"},
		{"another trust domain", []string{workload("web", "true"), workload("db", "true"), meshConfig("trustDomain: corp.example")},
			Request{To: "http://db"}, "db.shop.svc.cluster.local:8080 10.1.0.4:8080  arrives"},
		{"endpoints with and without a sidecar, and a rule for those with", []string{workload("web", "true"), workload("db", "true"), strings.Replace(strings.SplitN(workload("db", "false"), "---", 2)[1], "name: db}", "name: db2}", 1), `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {namespace: shop, name: db}
spec: {host: db, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`},
			Request{To: "http://db"}, "50 % db.shop.svc.cluster.local:8080 10.1.0.4:8080  arrives, 50 % db.shop.svc.cluster.local:8080  tls-failure"},
		{"a gateway that admits another client", []string{workload("web", "true"), outside, `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: istio-egress, name: out}
spec:
  selector: {istio: egressgateway}
  servers: [{hosts: [api.example], port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: ISTIO_MUTUAL, subjectAltNames: [spiffe://cluster.local/ns/other/sa/only]}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: out}
spec:
  hosts: [api.example]
  gateways: [mesh, istio-egress/out]
  http:
  - {match: [{gateways: [mesh]}], route: [{destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 443}}}]}
  - {match: [{gateways: [istio-egress/out]}], route: [{destination: {host: api.example}}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {namespace: shop, name: out}
spec: {host: istio-egressgateway.istio-egress.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: api.example}}}`},
			Request{To: "http://api.example"}, "istio-egressgateway.istio-egress.svc.cluster.local:8443  tls-failure"},
		{"automatic SNI is for HTTP alone", []string{`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {namespace: shop, name: db}
spec: {hosts: [db.example], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: DNS}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {namespace: shop, name: db}
spec: {host: db.example, trafficPolicy: {tls: {mode: SIMPLE}}}`}, Request{To: "tcp://db.example:9000"}, "no sni db.example:9000 arrives"},
		{"a Route by path", []string{workload("web", "true"), fmt.Sprintf(ingress, ""), strings.Replace(route(`, path: /admin`), "name: api}", "name: admin}", 1), route("")},
			Request{From: Outside, To: "http://API.example/x"}, "istio-ingressgateway.istio-ingress:8080 web.shop.svc.cluster.local:8080 10.1.0.3:8080  arrives"},
		{"a re-encrypting Route takes plain HTTP where it is told to", []string{route(`, tls: {termination: reencrypt, insecureEdgeTerminationPolicy: Allow, destinationCACertificate: x}`)},
			Request{From: Outside, To: "http://api.example"}, "istio-ingressgateway.istio-ingress:8080 no-route"},
		{"round and round", []string{outside, toEgress(`[{route: [{destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 80}}}]}]`)},
			Request{To: "http://api.example"}, "loop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.request.From == "" {
				c.request.From = "shop/web"
			}
			path, err := Walk(Stock().And(bundleOf(t, c.bundle...)), c.request)
			if err != nil {
				t.Fatal(err)
			}
			var ways []string
			for _, way := range append([]Path{path}, path.Else...) {
				var to []string
				for _, h := range way.Hops[1:] {
					to = append(to, h.Destination.String())
				}
				text := strings.Join(to, " ") + " " + string(way.Outcome.Code)
				if strings.HasPrefix(c.want, "no sni") {
					text = "no sni" + way.Hops[1].Wire.SNI + " " + text
				}
				if way.Outcome.Code == Response && strings.Contains(c.want, ":") {
					text += ": " + way.Outcome.Reason
				}
				if way.Outcome.Code == Loop {
					text = "loop"
				}
				if way.Share != 100 {
					text = fmt.Sprintf("%d %% %s", way.Share, text)
				}
				ways = append(ways, text)
			}
			if got := strings.Join(ways, ", "); strings.TrimSpace(got) != strings.TrimSpace(c.want) {
				var text strings.Builder
				_ = path.WriteText(&text)
				t.Errorf("want %q, got %q\n%s", c.want, got, text.String())
			}
		})
	}
}

// permissive lets plaintext in.
const permissive = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {namespace: istio-system, name: default}
spec: {mtls: {mode: PERMISSIVE}}
`

func meshConfig(yaml string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: istio-system, name: istio}\ndata: {mesh: '" + yaml + "'}"
}

// toEgress opens port 80 of the egress gateway to api.example, with the http routes of sidecars and gateway.
func toEgress(http string) string {
	return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: istio-egress, name: out}
spec:
  selector: {istio: egressgateway}
  servers: [{hosts: [api.example], port: {number: 80, name: http, protocol: HTTP}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: out}
spec:
  hosts: [api.example]
  gateways: [mesh, istio-egress/out]
  http: ` + http + `
`
}

// route is a Route of api.example to the ingress gateway, with more of its spec.
func route(more string) string {
	return `
apiVersion: route.openshift.io/v1
kind: Route
metadata: {namespace: istio-ingress, name: api}
spec: {host: api.example, to: {kind: Service, name: istio-ingressgateway}, port: {targetPort: http2}` + more + `}
`
}

// TestSimulation holds listener, route and cluster of each hop against pilot/pkg/simulation, Istio's own reading of the
// configuration, for the examples where it is enough: it stops at the cluster, and knows paths only.
func TestSimulation(t *testing.T) {
	compared := 0
	for _, c := range []struct{ example, to string }{
		{"1a/none", "http://greeting.remote.com"}, {"1a/simple", "http://greeting.remote.com"}, {"1a/mutual", "http://greeting.remote.com"},
		{"1a/passthrough", "https://greeting.remote.com"}, {"1b/none", "http://greeting.remote.com"}, {"1b/mutual", "http://greeting.remote.com"},
		{"1b/passthrough", "https://greeting.remote.com"}, {"redirect/none", "http://greeting.greetings-client.svc.cluster.local:8080"},
		{"1a/none", "http://unknown.example"}, {"1a/none", "https://unknown.example"}, {"1b/passthrough", "https://unknown.example"},
	} {
		b, err := Load("../../../examples/" + c.example + "/istio-1.31.yaml")
		if err != nil {
			t.Fatal(err)
		}
		b = Stock().And(bundleOf(t, `
apiVersion: v1
kind: Service
metadata: {namespace: greetings-client, name: greeting}
spec: {ports: [{name: http, port: 8080}]}`)).And(b)
		err = In(b, Options{}, func(w *World) error {
			path, err := w.Walk(Request{From: "greetings-client/rest-client-greeting", To: c.to})
			if err != nil {
				return err
			}
			for i, h := range path.Hops[1:] {
				var at *proxy
				for p, made := range w.proxies {
					if p.String() == h.Workload {
						at = made
					}
				}
				before := path.Hops[i] // what comes to it
				call := simulation.Call{
					Address: before.Destination.Address, Port: before.Destination.Port, Protocol: simulation.HTTP,
					HostHeader: path.Hops[0].Destination.Host, Sni: before.Wire.SNI, CallMode: simulation.CallModeOutbound,
				}
				if h.Proxy == "gateway" {
					call.CallMode = simulation.CallModeGateway
				}
				switch before.Wire.Mode {
				case IstioMutual:
					call.TLS = simulation.MTLS
				case Application:
					call.TLS = simulation.TLS
				}
				got := simulation.NewSimulation(t, w.server, at.model).Run(call)
				route, _, _ := strings.Cut(h.Route, " ")
				cluster := h.Cluster
				if got.ListenerMatched != h.Listener || got.RouteConfigMatched != route || got.ClusterMatched != cluster {
					t.Errorf("%s, %s, hop %d: simulation says listener %q route %q cluster %q (%v), the judge %q %q %q", c.example, c.to, i+2,
						got.ListenerMatched, got.RouteConfigMatched, got.ClusterMatched, got.Error, h.Listener, route, cluster)
				}
				compared++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if compared < 14 {
		t.Errorf("only %d hops compared", compared)
	}
}

// TestNotRead holds that the judge says what it does not evaluate.
func TestNotRead(t *testing.T) {
	for name, c := range map[string]struct{ more, want string }{
		"an AuthorizationPolicy that asks for addresses": {`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {namespace: shop, name: deny}
spec: {selector: {matchLabels: {app: db}}, action: DENY, rules: [{from: [{source: {ipBlocks: [192.0.2.0/24]}}]}]}`,
			"[envoy.filters.http.rbac (ns[shop]-policy[deny]-rule[0]: principal *rbacv3.Principal_DirectRemoteIp is not understood)]"},
		"an AuthorizationPolicy that is evaluated": {`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {namespace: shop, name: deny}
spec: {selector: {matchLabels: {app: db}}, action: DENY, rules: [{to: [{operation: {paths: [/secret]}}]}]}`, "[]"},
		"a fault of some": {`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: db}
spec: {hosts: [db], http: [{fault: {abort: {httpStatus: 500, percentage: {value: 50}}}, route: [{destination: {host: db}}]}]}`, "[envoy.filters.http.fault of the route]"},
		"nothing": {"", "[]"},
		"an HTTPRoute of the Gateway API": {`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {namespace: shop, name: db}
spec: {parentRefs: [{group: "", kind: Service, name: db}], rules: [{backendRefs: [{name: db, port: 80, weight: 0}]}]}`, "[HTTPRoute shop/db]"},
		"ambient mode": {"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}", "[istio.io/dataplane-mode of Namespace shop]"},
	} {
		path, err := Walk(Stock().And(bundleOf(t, workload("web", "true"), workload("db", "true"), c.more)), Request{From: "shop/web", To: "http://db"})
		if err != nil {
			t.Fatal(err)
		}
		all := path.NotRead
		for _, h := range path.Hops {
			all = append(all, h.NotRead...)
		}
		if got := fmt.Sprint(all); got != c.want || (path.Outcome.Code == Arrives) != (c.want == "[]") {
			t.Errorf("%s: want %s, got %s, %+v", name, c.want, got, path.Outcome)
		}
	}
}

// TestSame holds that the same question has the same answer.
func TestSame(t *testing.T) {
	b := Stock().And(bundleOf(t, outside, workload("web", "true")))
	var answers []string
	for range 3 {
		path, err := Walk(b, Request{From: "shop/web", To: "http://api.example"})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(path)
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, string(data))
	}
	if answers[0] != answers[1] || answers[1] != answers[2] {
		t.Error(answers)
	}
}

func TestQuestions(t *testing.T) {
	b := Stock()
	for _, c := range []struct {
		request Request
		want    string
	}{
		{Request{From: "web", To: "http://a.example"}, "NAMESPACE/WORKLOAD"},
		{Request{From: "shop/web", To: "http://"}, "no host"},
		{Request{From: "shop/web", To: "http://a.example", Server: "tls"}, "want plaintext, simple or mutual"},
		{Request{From: "shop/web", To: "http://a.example:99999"}, "1 to 65535"},
		{Request{From: "shop/web", To: "ftp://a.example:21"}, "want http"},
		{Request{From: "shop/web", To: "tcp://a.example"}, "port of its own"},
		{Request{From: "shop/web", To: "http://a.example:x"}, "to:"},
	} {
		if _, err := Walk(b, c.request); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v", c.request, err)
		}
	}
	_, err := Walk(bundleOf(t, strings.Replace(outside, "protocol: HTTP", "protocol: HTTPX", 1)), Request{From: "a/b", To: "http://a.example"})
	var invalid *Invalid
	if !errors.As(err, &invalid) || len(invalid.Findings) != 1 || invalid.Findings[0].Where != "test.yaml:2" {
		t.Errorf("got %v", err)
	}
	if err := In(b, Options{Mesh: "outboundTrafficPolcy: {mode: ALLOW_ANY}"}, func(*World) error { return nil }); err == nil || !strings.Contains(err.Error(), "outboundTrafficPolcy") {
		t.Errorf("got %v", err)
	}
	if err := In(b, Options{Mesh: "{a"}, func(*World) error { return nil }); err == nil || !strings.Contains(err.Error(), "mesh config") {
		t.Errorf("got %v", err)
	}
}

func TestParse(t *testing.T) {
	b := bundleOf(t, "# nothing", `{"apiVersion": "v1", "kind": "List", "items": [
		{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}]}`, outside, "")
	var got []string
	for _, o := range b.Objects {
		got = append(got, o.Where()+" "+o.String())
	}
	if want := "[test.yaml:4 Namespace a test.yaml:7 ServiceEntry shop/api]"; fmt.Sprint(got) != want {
		t.Errorf("want %s, got %s", want, got)
	}
	for document, want := range map[string]string{
		"a: [":                            "test.yaml",
		"kind: Service\n":                 "test.yaml:1: not an object",
		"just text":                       "test.yaml:1",
		"apiVersion: v1\nkind: ConfigMap": "metadata.name",
	} {
		if _, err := Parse("test.yaml", []byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", document, err)
		}
	}
	both := b.And(bundleOf(t, strings.Replace(outside, "networking.istio.io/v1", "networking.istio.io/v1beta1", 1)))
	if len(both.Objects) != 2 || both.Objects[1].APIVersion != "networking.istio.io/v1beta1" {
		t.Errorf("an object of another version is the same object: %v", both.Objects)
	}
}

// TestPermission holds whose Roles let a sidecar have its credential.
func TestPermission(t *testing.T) {
	rule := `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {namespace: shop, name: api}
spec:
  host: api.example
  workloadSelector: {matchLabels: {app: web}}
  trafficPolicy: {tls: {mode: SIMPLE, credentialName: ca}}
---
apiVersion: v1
kind: Secret
metadata: {namespace: shop, name: ca}
data: {tls.crt: YQ==, tls.key: Yg==, ca.crt: Yw==}
`
	mutual := strings.Replace(rule, "SIMPLE", "MUTUAL", 1)
	grant := func(kind, verbs, more string) string {
		scope := "namespace: shop, "
		if kind == "ClusterRole" {
			scope = ""
		}
		return fmt.Sprintf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: %s
metadata: {%sname: r}
rules: [{apiGroups: [""], resources: [secrets], verbs: %s%s}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: %sBinding
metadata: {%sname: r}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: %s, name: r}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
`, kind, scope, verbs, more, kind, scope, kind)
	}
	for _, c := range []struct {
		name, rule, grant string
		want              Code
	}{
		{"a CA alone needs none", rule, "", Arrives},
		{"a key needs one", mutual, "", TLSFailure},
		{"a Role", mutual, grant("Role", "[list]", ""), Arrives},
		{"a ClusterRole", mutual, grant("ClusterRole", `["*"]`, ""), Arrives},
		{"get is not list", mutual, grant("Role", "[get, watch]", ""), TLSFailure},
		{"one Secret by name is not a list", mutual, grant("Role", "[list]", ", resourceNames: [ca]"), TLSFailure},
	} {
		path, err := Walk(Stock().And(bundleOf(t, outside, c.rule, c.grant)), Request{From: "shop/web", To: "http://api.example"})
		if err != nil {
			t.Fatal(err)
		}
		if path.Outcome.Code != c.want {
			t.Errorf("%s: %+v", c.name, path.Outcome)
		}
	}
}

// TestText holds how a path looks to people.
func TestText(t *testing.T) {
	b, err := Load("../../../examples/1b/none/istio-1.31.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path, err := Walk(Stock().And(b), Request{From: "greetings-client/rest-client-greeting", To: "http://greeting.remote.com"})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := path.WriteText(&got); err != nil {
		t.Fatal(err)
	}
	want := `from greetings-client/rest-client-greeting   to http://greeting.remote.com   on Istio 1.31
 1  application greetings-client/rest-client-greeting -> greeting.remote.com:80
    plaintext
 2  sidecar greetings-client/rest-client-greeting -> istio-egressgateway.istio-egress.svc.cluster.local:8443
    TLS istio-mutual, 1 layer, sni greeting.remote.com, server verified against mesh as spiffe://cluster.local/ns/istio-egress/sa/istio-egressgateway, shows mesh
    decided by VirtualService greetings-client/to-egress-greeting-remote-com, DestinationRule greetings-client/egressgateway-for-greeting-remote-com
 3  gateway istio-egress/istio-egressgateway -> greeting.remote.com:80
    plaintext
    decided by Gateway istio-egress/egress-greeting-remote-com, VirtualService istio-egress/from-egress-greeting-remote-com
 arrives
`
	if got.String() != want {
		t.Errorf("want\n%s\ngot\n%s", want, got.String())
	}
}

// Benchmarks: what a bundle costs. make bench does not run them: conformance is a judge, not the product.
func benchmarkBundle(b *testing.B) *Bundle {
	b.Helper()
	bundle, err := Load("../../../examples/1b/mutual/istio-1.31.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return Stock().And(bundle)
}

func BenchmarkValidate(b *testing.B) {
	bundle := benchmarkBundle(b)
	for b.Loop() {
		Validate(bundle)
	}
}

func BenchmarkAnalyze(b *testing.B) {
	bundle := benchmarkBundle(b)
	for b.Loop() {
		if _, err := Analyze(bundle); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWorld(b *testing.B) {
	bundle := benchmarkBundle(b)
	for b.Loop() {
		if err := In(bundle, Options{}, func(*World) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	bundle := benchmarkBundle(b)
	err := In(bundle, Options{}, func(w *World) error {
		for b.Loop() {
			clear(w.proxies)
			if _, err := w.Walk(Request{From: "greetings-client/a", To: "http://greeting.remote.com"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
