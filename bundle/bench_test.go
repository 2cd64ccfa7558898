package bundle

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"
	"time"
)

// shapes are the documents of one service that is reached through an egress gateway, as people write them.
var shapes = []string{`apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ext-{i}
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-{i}
spec:
  hosts:
  - svc-{i}.ext.example.com
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo:
  - "*"
  ports:
  - number: 80
    name: http
    protocol: HTTP
    targetPort: 443
  - number: 443
    name: https
    protocol: HTTPS
`, `apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: egw-{i}
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-{i}
spec:
  selector:
    istio: egressgateway
  servers:
  - port:
      number: 80
      name: http-{i}
      protocol: HTTP
    hosts:
    - svc-{i}.ext.example.com
`, `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: tls-{i}
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-{i}
spec:
  host: svc-{i}.ext.example.com
  exportTo:
  - "*"
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 100
        connectTimeout: 5s
    outlierDetection:
      consecutive5xxErrors: 5
      interval: 30s
      baseEjectionTime: 60s
    portLevelSettings:
    - port:
        number: 443
      loadBalancer:
        simple: ROUND_ROBIN
      tls:
        mode: SIMPLE
        caCertificates: system
        sni: svc-{i}.ext.example.com
        subjectAltNames:
        - svc-{i}.ext.example.com
`, `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: route-{i}
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-{i}
spec:
  hosts:
  - svc-{i}.ext.example.com
  gateways:
  - mesh
  - egress/egw-{i}
  exportTo:
  - "*"
  http:
  - name: to-egress-gateway
    match:
    - gateways:
      - mesh
      port: 80
    route:
    - destination:
        host: istio-egressgateway.egress.svc.cluster.local
        port:
          number: 80
      weight: 100
    timeout: 30s
  - name: to-external
    match:
    - gateways:
      - egress/egw-{i}
      port: 80
    route:
    - destination:
        host: svc-{i}.ext.example.com
        port:
          number: 443
      weight: 100
    retries:
      attempts: 3
      perTryTimeout: 10s
`}

// stream is a number of documents.
func stream(n int) []byte {
	var out bytes.Buffer
	for i := range n {
		out.WriteString("---\n")
		out.Write(bytes.ReplaceAll([]byte(shapes[i%len(shapes)]), []byte("{i}"), fmt.Appendf(nil, "%06d", i/len(shapes))))
	}
	return out.Bytes()
}

// cpu is the time that all threads of this process have worked.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func benchmark(b *testing.B, judge bool) {
	text := stream(10_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	before := cpu(b)
	for b.Loop() {
		bundle, err := Read("bench.yaml", bytes.NewReader(text))
		if err != nil || len(bundle.Objects) != 10_000 {
			b.Fatal(err)
		}
		if !judge {
			continue
		}
		for _, o := range bundle.Objects {
			if typed, problems := o.Lenient(); typed == nil || problems != nil {
				b.Fatal(o.ID, problems)
			}
		}
	}
	b.ReportMetric((cpu(b)-before).Seconds()/float64(b.N), "cpu-s/op")
}

// BenchmarkRead reads 10,000 documents.
func BenchmarkRead(b *testing.B) { benchmark(b, false) }

// BenchmarkReadLenient reads 10,000 documents and makes typed objects of them.
func BenchmarkReadLenient(b *testing.B) { benchmark(b, true) }
