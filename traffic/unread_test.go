package traffic

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// TestUnread: what a bundle's source is known to lack is not assumed, and what it did not give leaves open what depends
// on it.
func TestUnread(t *testing.T) {
	target, _ := mesh.Lookup("istio-1.31")
	grant := []string{"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
	unread := func(group string, kinds ...string) (all []bundle.Unread) {
		for _, k := range kinds {
			all = append(all, bundle.Unread{Group: group, Kind: k, Reason: "forbidden"})
		}
		return all
	}
	const rbac = "rbac.authorization.k8s.io"
	const (
		binding = `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: read, namespace: istio-egress},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: read}, subjects: []}`
		elsewhere = `{apiVersion: v1, kind: Secret, metadata: {name: ledger-client, namespace: orders}}`
	)
	for _, c := range []struct {
		name    string
		more    string
		whole   []string
		unread  []bundle.Unread
		outcome Code
		says    string // in the reason and what is assumed
	}{
		{"files", "", nil, nil, Arrives, "Secret istio-egress/ledger-client"},
		{"another namespace whole", "", []string{"orders"}, nil, Arrives, "Secret istio-egress/ledger-client"},
		{"whole", "", []string{"*"}, nil, TLSFailure, "may not list Secrets"},
		{"whole namespace", "", []string{"istio-egress"}, nil, TLSFailure, "may not list Secrets"},
		{"permissions unread", "", []string{"*"}, unread(rbac, grant...), TLSFailure, "Secret istio-egress/ledger-client is not there"},
		{"one of them unread", "", []string{"*"}, unread(rbac, "ClusterRole"), TLSFailure, "Secret istio-egress/ledger-client is not there"},
		{"Secrets unread too", "", []string{"*"}, append(unread(rbac, grant...), unread("", "Secret")...), Arrives, "Secret istio-egress/ledger-client"},
		{"Sidecars unread", "", nil, unread("networking.istio.io", "Sidecar"), Unknown, "not read: Sidecar.networking.istio.io: forbidden; by the rest: arrives"},
		{"routes unread elsewhere", "", nil, unread("route.openshift.io", "Route"), Arrives, ""},
		{"binding", binding, nil, nil, TLSFailure, "may not list Secrets"},
		{"binding to a role unread", binding, nil, unread(rbac, "ClusterRole"), Arrives, "may list the Secrets"},
		{"Secret elsewhere", elsewhere, nil, nil, TLSFailure, "the one of namespace orders is out of reach"},
		{"Secret elsewhere, and here unread", elsewhere, nil, []bundle.Unread{{Kind: "Secret", Namespace: "istio-egress"}}, Arrives, "Secret istio-egress/ledger-client"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := bundle.Load([]string{"../examples/variants/1b-failover.ossm-3.4.yaml"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			b.Whole, b.Unread = c.whole, c.unread
			// The gateway as it is installed: nothing of it is assumed then.
			gateway, err := bundle.Read("gateway.yaml", strings.NewReader(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: istio-egressgateway, namespace: istio-egress}
spec:
  selector: {matchLabels: {istio: egressgateway}}
  template:
    metadata: {labels: {istio: egressgateway}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: istio-egressgateway, containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: v1
kind: Service
metadata: {name: istio-egressgateway, namespace: istio-egress}
spec: {selector: {istio: egressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}, {name: tls, port: 8443, targetPort: 8443}]}
---
`+c.more))
			if err != nil {
				t.Fatal(err)
			}
			b.Objects = append(b.Objects, gateway.Objects...)
			x, err := NewIndex(b, Options{Target: target, Assume: true})
			if err != nil {
				t.Fatal(err)
			}
			path, err := x.Walk(Request{From: "orders/*", To: "http://ledger.partner.example"})
			if err != nil {
				t.Fatal(err)
			}
			for _, way := range path.Ways() {
				if said := way.Outcome.Reason + strings.Join(way.Assumed, ", "); way.Outcome.Code != c.outcome || !strings.Contains(said, c.says) {
					t.Errorf("%s: %s", way.Outcome.Code, said)
				}
			}
		})
	}
}
