package traffic

import (
	"fmt"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// TestEntrances: of two gateways that a load balancer leads to, a client comes in by the one that takes the host.
func TestEntrances(t *testing.T) {
	const web = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}}
`
	text := web
	for _, name := range []string{"first", "second"} {
		text += strings.ReplaceAll(`---
{apiVersion: v1, kind: Service, metadata: {name: NAME, namespace: in}, spec: {type: LoadBalancer, selector: {istio: NAME}, ports: [{name: http2, port: 80}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME, namespace: in}, spec: {selector: {matchLabels: {istio: NAME}}, template: {metadata: {labels: {istio: NAME}, annotations: {inject.istio.io/templates: gateway}}, spec: {containers: [{name: istio-proxy, image: auto}]}}}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: NAME, namespace: shop}, spec: {selector: {istio: NAME}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [NAME.example.com]}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: NAME, namespace: shop}, spec: {hosts: [NAME.example.com], gateways: [NAME], http: [{route: [{destination: {host: web}}]}]}}
`, "NAME", name)
	}
	b, err := bundle.Read("x.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	target, _ := mesh.Lookup("istio-1.31")
	x, err := NewIndex(b, Options{Target: target, Assume: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "second"} {
		path, err := x.Walk(Request{From: Outside, To: fmt.Sprintf("http://%s.example.com", name)})
		if err != nil || len(path.Hops) < 2 || path.Hops[1].Workload != "in/"+name || path.Outcome.Code != Arrives {
			t.Errorf("%s: %v, %+v", name, err, path)
		}
	}
}
