package schema

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

const together = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ext, namespace: shop}
spec: {hosts: [ext], exportTo: [storr], ports: [{number: 80, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: shop}
spec: {hosts: [ext, own], exportTo: [elsewhere], http: [{route: [{destination: {host: ext}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: own, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: store}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: a, namespace: shop}
spec: {egress: [{hosts: ["./*"]}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: b, namespace: shop}
spec: {egress: [{hosts: ["./*"]}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: c, namespace: istio-system}
spec: {workloadSelector: {labels: {a: b}}, egress: [{hosts: ["./*"]}]}
`

func TestAcross(t *testing.T) {
	b, err := bundle.Read("together.yaml", strings.NewReader(together))
	if err != nil {
		t.Fatal(err)
	}
	target, _ := mesh.Lookup("istio-1.31")
	var got []string
	for _, f := range Across(b, target) {
		got = append(got, f.Rule+" "+f.Object.Name+" "+f.Field)
	}
	want := `MSH120 ext spec.exportTo[0]
MSH119 v spec.hosts[0]
MSH119 v spec.http[0].route[0].destination.host
MSH121 b spec
MSH121 c spec.workloadSelector`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
