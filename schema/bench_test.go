package schema

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// good are documents of an egress gateway, as bench has them: NUMBER tells them apart.
const good = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ext-NUMBER, namespace: egress, labels: {app.kubernetes.io/managed-by: synthetic}}
spec:
  hosts: [svc-NUMBER.ext.example.com]
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: ["*"]
  ports:
  - {number: 80, name: http, protocol: HTTP, targetPort: 443}
  - {number: 443, name: https, protocol: HTTPS}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: egw-NUMBER, namespace: egress}
spec:
  selector: {istio: egressgateway}
  servers:
  - port: {number: 80, name: http-NUMBER, protocol: HTTP}
    hosts: [svc-NUMBER.ext.example.com]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: tls-NUMBER, namespace: egress}
spec:
  host: svc-NUMBER.ext.example.com
  exportTo: ["*"]
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 100, connectTimeout: 5s}}
    outlierDetection: {consecutive5xxErrors: 5, interval: 30s, baseEjectionTime: 60s}
    portLevelSettings:
    - port: {number: 443}
      loadBalancer: {simple: ROUND_ROBIN}
      tls: {mode: SIMPLE, caCertificates: system, sni: svc-NUMBER.ext.example.com, subjectAltNames: [svc-NUMBER.ext.example.com]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: route-NUMBER, namespace: egress}
spec:
  hosts: [svc-NUMBER.ext.example.com]
  gateways: [mesh, egress/egw-NUMBER]
  exportTo: ["*"]
  http:
  - name: to-egress-gateway
    match: [{gateways: [mesh], port: 80}]
    route: [{destination: {host: istio-egressgateway.egress.svc.cluster.local, port: {number: 80}}, weight: 100}]
  - name: out
    match: [{gateways: [egress/egw-NUMBER], port: 80}]
    timeout: 30s
    retries: {attempts: 2, retryOn: "5xx,connect-failure"}
    route: [{destination: {host: svc-NUMBER.ext.example.com, port: {number: 443}}}]
---`

func documents(t testing.TB, n int) *bundle.Bundle {
	t.Helper()
	var text strings.Builder
	for i := range n / 4 {
		text.WriteString(strings.ReplaceAll(good, "NUMBER", fmt.Sprintf("%06d", i)))
	}
	b, err := bundle.Read("good.yaml", strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// BenchmarkCheck is of documents that were decoded before, as they are for everything else.
func BenchmarkCheck(b *testing.B) {
	all := documents(b, 1000)
	target, _ := mesh.Lookup("istio-1.31")
	by := map[string][]int{}
	typed := make([]any, len(all.Objects))
	for i, o := range all.Objects {
		typed[i], _ = o.Lenient()
		by[o.Kind] = append(by[o.Kind], i)
		by["all"] = append(by["all"], i)
	}
	for _, kind := range []string{"all", "ServiceEntry", "Gateway", "DestinationRule", "VirtualService"} {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				j := by[kind][i%len(by[kind])]
				if p := CheckTyped(all.Objects[j], typed[j], target); p != nil {
					b.Fatal(p)
				}
			}
		})
	}
}

// TestParallel has objects looked at from many sides at once.
func TestParallel(t *testing.T) {
	all := documents(t, 400)
	var group sync.WaitGroup
	for range 4 * runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for _, target := range mesh.Targets {
				for _, o := range all.Objects {
					Check(o, target)
				}
			}
		})
	}
	group.Wait()
}
