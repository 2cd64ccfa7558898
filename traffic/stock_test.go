package traffic

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// TestStock: a gateway that the files do not hold is where they lead to it, with the ports that they agree on, and behind
// the Service that they hold.
func TestStock(t *testing.T) {
	target, _ := mesh.Lookup("istio-1.31")
	const service = `apiVersion: v1
kind: Service
metadata: {name: istio-egressgateway, namespace: istio-system}
spec:
  selector: {istio: egressgateway}
  ports: [{name: tcp, port: 7777, targetPort: 7777}]
---
`
	const routed = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], addresses: [192.0.2.7], resolution: STATIC, endpoints: [{address: 192.0.2.7}], ports: [{number: 3306, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: db, namespace: istio-system}
spec: {selector: {istio: egressgateway}, servers: [{port: {number: 7777, name: tcp, protocol: TCP}, hosts: [db.example]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example]
  gateways: [mesh, istio-system/db]
  tcp:
  - match: [{gateways: [mesh], port: 3306}]
    route: [{destination: {host: istio-egressgateway.istio-system.svc.cluster.local, port: {number: 7777}}}]
  - match: [{gateways: [istio-system/db], port: 7777}]
    route: [{destination: {host: db.example, port: {number: 3306}}}]
`
	gateway := "gateway istio-system/istio-egressgateway, with the label istio=egressgateway"
	for _, c := range []struct {
		name, files string
		old, new    string // replaced in the files
		assumed     string
	}{
		{"led to", routed, "", "", gateway + " and the ports 80, 443 and 7777"},
		{"led to where the charts put it", strings.ReplaceAll(routed, "istio-system", "istio-egress"), "", "",
			"gateway istio-egress/istio-egressgateway, with the label istio=egressgateway and the ports 80, 443 and 7777"},
		{"its Service", service + routed, "", "", gateway},
		{"no Gateway for its label", routed, "{istio: egressgateway}", "{istio: ingressgateway}", "Service istio-system/istio-egressgateway"},
		{"short name", routed, "istio-egressgateway.istio-system.svc.cluster.local", "istio-egressgateway", "Service shop/istio-egressgateway"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := bundle.Read("files.yaml", strings.NewReader(strings.Replace(c.files, c.old, c.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			x, err := NewIndex(b, Options{Target: target, Assume: true})
			if err != nil {
				t.Fatal(err)
			}
			path, err := x.Walk(Request{From: "shop/orders", To: "tcp://db.example:3306"})
			if err != nil {
				t.Fatal(err)
			}
			if !path.Arrives() {
				t.Errorf("%s: %s", path.Outcome.Code, path.Outcome.Reason)
			}
			if !slices.Contains(path.Assumed, c.assumed) {
				t.Errorf("%q is not assumed, but %q", c.assumed, path.Assumed)
			}
			last := path.Hops[len(path.Hops)-1].Proxy
			if want := strings.HasPrefix(c.assumed, "gateway"); (last == Gateway) != want {
				t.Errorf("the last hop is %s", last)
			}
		})
	}
}
