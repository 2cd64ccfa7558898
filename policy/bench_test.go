package policy

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/meshscenario/scenario/bundle"
)

// BenchmarkCheck holds 10,000 objects against the rules about objects that are shipped, a dozen of them, and reports the
// processor time of all goroutines together.
func BenchmarkCheck(b *testing.B) {
	set, err := Load([]string{shipped})
	if err != nil {
		b.Fatal(err)
	}
	rules := 0
	for _, r := range set.Rules() {
		if r.Each == Object {
			rules++
		}
	}
	data := Data{Target: "ossm-3.4", Objects: objects(b, 10_000)}
	b.ReportMetric(float64(rules), "rules")
	var cpu time.Duration
	b.ReportAllocs()
	for b.Loop() {
		before := processorTime()
		if _, err := set.Check(data); err != nil {
			b.Fatal(err)
		}
		cpu += processorTime() - before
	}
	b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkPaths holds 10,000 paths against the rules about hops that are shipped.
func BenchmarkPaths(b *testing.B) {
	set, err := Load([]string{shipped})
	if err != nil {
		b.Fatal(err)
	}
	data := dataOf(b, "bundle.yaml", []byte(bundleOf(4)))
	for len(data.Paths) < 10_000 {
		data.Paths = append(data.Paths, data.Paths...)
	}
	data.Objects, data.Paths = nil, data.Paths[:10_000]
	var cpu time.Duration
	b.ReportAllocs()
	for b.Loop() {
		before := processorTime()
		if _, err := set.Check(data); err != nil {
			b.Fatal(err)
		}
		cpu += processorTime() - before
	}
	b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkLoad reads the policies that are shipped.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load([]string{shipped}); err != nil {
			b.Fatal(err)
		}
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bundleOf is the text of some services outside, four objects each, that keep the rules about objects.
func bundleOf(services int) string {
	var b strings.Builder
	for i := range services {
		fmt.Fprintf(&b, `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: s%[1]d, namespace: istio-egress, labels: {example.com/owner: payments, a: b, c: d}}
spec:
  hosts: [s%[1]d.bank.example]
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: [".", shop]
  ports:
  - {number: 80, name: http, protocol: HTTP, targetPort: 443}
  - {number: 443, name: https, protocol: HTTPS}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: s%[1]d, namespace: istio-egress}
spec:
  selector: {istio: egressgateway}
  servers:
  - {port: {number: 80, name: http-%[1]d, protocol: HTTP}, hosts: [s%[1]d.bank.example]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: s%[1]d, namespace: istio-egress}
spec:
  host: s%[1]d.bank.example
  exportTo: ["."]
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 100, connectTimeout: 5s}}
    portLevelSettings:
    - port: {number: 80}
      tls: {mode: SIMPLE, caCertificates: system, sni: s%[1]d.bank.example, subjectAltNames: [s%[1]d.bank.example]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: s%[1]d, namespace: istio-egress}
spec:
  hosts: [s%[1]d.bank.example]
  gateways: [mesh, s%[1]d]
  exportTo: [".", shop]
  http:
  - match: [{gateways: [mesh], port: 80}]
    route: [{destination: {host: istio-egressgateway.istio-egress.svc.cluster.local, port: {number: 80}}, weight: 100}]
  - match: [{gateways: [s%[1]d], port: 80}]
    route: [{destination: {host: s%[1]d.bank.example, port: {number: 80}}, weight: 100}]
`, i)
	}
	return b.String()
}

func objects(b *testing.B, n int) []*bundle.Object {
	b.Helper()
	read, err := bundle.Read("bundle.yaml", strings.NewReader(bundleOf(n/4)))
	if err != nil {
		b.Fatal(err)
	}
	return read.Objects
}
