package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// walks measures what trace and validate rest on: reading a bundle with positions, strict decoding, indexing, and following
// every request that matters in it; and validate, with all its rules. Beside it stands decoding alone in the plain way: YAML's nodes, which have positions,
// and protojson.
func walks(dir string) error {
	walker := filepath.Join(dir, "walker")
	build := exec.Command("go", "build", "-C", "..", "-o", walker, "./conformance/walker")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the walker: %w", err)
	}
	var took []float64
	for i, services := range []int{250, 2500, 25000} {
		file := filepath.Join(dir, fmt.Sprintf("egress-%d.yaml", services))
		if err := egress(services, file); err != nil {
			return err
		}
		tools := []tool{
			{"everything, walked", []string{walker, "-count", file}},
			{"scenario validate", []string{filepath.Join(dir, "scenario"), "validate", "--target", "istio-1.31", "-o", "json=/dev/null", file}},
			{"plain decoding", []string{walker, "-plain", file}},
		}
		if err := table(fmt.Sprintf("%d documents of egress gateways", services*4), tools, 0, []int{15, 7, 3}[i]); err != nil {
			return err
		}
		least := math.Inf(1)
		for range 3 {
			run := exec.Command(walker, "-count", file)
			out, err := run.Output()
			if err != nil {
				return err
			}
			usage := run.ProcessState.SysUsage().(*syscall.Rusage)
			least = min(least, (run.ProcessState.UserTime() + run.ProcessState.SystemTime()).Seconds())
			fmt.Printf("  %s  %d MB\n", strings.TrimSpace(string(out)), usage.Maxrss/1024)
		}
		took = append(took, least)
		fmt.Println()
	}
	fmt.Printf("exponent of CPU time: %.2f from 1,000 to 10,000 documents, %.2f from 10,000 to 100,000\n", math.Log10(took[1]/took[0]), math.Log10(took[2]/took[1]))
	return nil
}

// egress writes a bundle of egress gateways: for each of so many outside services a ServiceEntry, a Gateway, a
// DestinationRule and a VirtualService, and once the gateway itself.
func egress(services int, file string) error {
	var text strings.Builder
	text.WriteString(gateway)
	for i := range services {
		id := fmt.Sprintf("%06d", i)
		text.WriteString(strings.ReplaceAll(strings.ReplaceAll(outside, "HOST", "svc-"+id+".ext.example.com"), "ID", id))
	}
	return os.WriteFile(file, []byte(text.String()), 0o666)
}

const gateway = `apiVersion: v1
kind: Service
metadata:
  name: istio-egressgateway
  namespace: egress
spec:
  selector:
    istio: egressgateway
  ports:
  - name: http2
    port: 80
    targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: istio-egressgateway
  namespace: egress
spec:
  selector:
    matchLabels:
      istio: egressgateway
  template:
    metadata:
      annotations:
        inject.istio.io/templates: gateway
      labels:
        istio: egressgateway
`

const outside = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ext-ID
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-ID
spec:
  hosts:
  - HOST
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
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: egw-ID
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-ID
spec:
  selector:
    istio: egressgateway
  servers:
  - port:
      number: 80
      name: http-ID
      protocol: HTTP
    hosts:
    - HOST
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: tls-ID
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-ID
spec:
  host: HOST
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
        sni: HOST
        subjectAltNames:
        - HOST
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: route-ID
  namespace: egress
  labels:
    app.kubernetes.io/managed-by: synthetic
    external-access/service: svc-ID
spec:
  hosts:
  - HOST
  gateways:
  - mesh
  - egress/egw-ID
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
      - egress/egw-ID
      port: 80
    route:
    - destination:
        host: HOST
        port:
          number: 443
      weight: 100
    retries:
      attempts: 3
      perTryTimeout: 10s
`
