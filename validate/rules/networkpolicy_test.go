package rules

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// TestAdmits holds the reading of NetworkPolicies to what Kubernetes documents of them, and to silence where the files
// cannot tell.
func TestAdmits(t *testing.T) {
	client := traffic.Pod{Namespace: "shop", Name: "orders", Labels: map[string]string{"app": "orders"}}
	db := side{"bills", map[string]string{"app": "db"}}
	for _, c := range []struct {
		name, spec string
		to         side
		port       int
		want       bool
	}{
		{"no policy for the pod", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}", db, 5432, true},
		{"only for what comes in", "{podSelector: {}, policyTypes: [Ingress]}", db, 5432, true},
		{"types not said, no egress", "{podSelector: {}}", db, 5432, true},
		{"types not said, egress", "{podSelector: {}, egress: [{ports: [{port: 80}]}]}", db, 5432, false},
		{"no rule", "{podSelector: {}, policyTypes: [Egress]}", db, 5432, false},
		{"an empty rule", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}", db, 5432, true},
		{"the port", "{podSelector: {}, egress: [{ports: [{port: 5432}]}]}", db, 5432, true},
		{"the port by UDP", "{podSelector: {}, egress: [{ports: [{port: 5432, protocol: UDP}]}]}", db, 5432, false},
		{"within a range of ports", "{podSelector: {}, egress: [{ports: [{port: 5000, endPort: 6000}]}]}", db, 5432, true},
		{"beyond a range of ports", "{podSelector: {}, egress: [{ports: [{port: 5000, endPort: 5431}]}]}", db, 5432, false},
		{"a named port: nobody knows", "{podSelector: {}, egress: [{ports: [{port: postgres}]}]}", db, 5432, true},
		{"pods of the own namespace", "{podSelector: {}, egress: [{to: [{podSelector: {}}]}]}", db, 5432, false},
		{"the namespace by name", "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bills}}}]}]}", db, 5432, true},
		{"another namespace", "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]}", db, 5432, false},
		{"the namespace, other pods", "{podSelector: {}, egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}]}]}", db, 5432, false},
		{"labels of a namespace that is held", "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {team: a}}}]}]}", db, 5432, false},
		{"labels of one that is not: nobody knows", "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {team: a}}}]}]}", side{"far", nil}, 5432, true},
		{"an expression about the name", "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop]}]}}]}]}", side{"far", nil}, 5432, false},
		{"addresses: nobody knows", "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}", db, 5432, true},
		{"pods are not outside", "{podSelector: {}, egress: [{to: [{namespaceSelector: {}}]}]}", side{}, 443, false},
		{"anywhere is outside too", "{podSelector: {}, egress: [{ports: [{port: 443}]}]}", side{}, 443, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "apiVersion: v1\nkind: Namespace\nmetadata: {name: bills}\n---\n" +
				"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: " + c.spec + "\n"
			b, err := bundle.Read("a.yaml", strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			target, _ := mesh.Lookup("istio-1.31")
			asked := false
			rule := validate.Rule{ID: "MSH000", Check: func(p *validate.Pass) {
				asked = true
				got := admits(p, policiesOn(p, client, netv1.PolicyTypeEgress), netv1.PolicyTypeEgress, c.to, c.port, corev1.ProtocolTCP)
				if got != c.want {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}}
			if _, err := validate.Run(b, validate.Options{Target: target, Rules: []*validate.Rule{&rule}}); err != nil || !asked {
				t.Fatal(err, asked)
			}
		})
	}
}
