package traffic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// policyCases is testdata/policies.yaml, which says what its fields mean.
type policyCases struct {
	World string
	Cases []struct {
		Name     string
		Dry      bool
		Policies []json.RawMessage
		Calls    []struct {
			From, Method, Path, Team string
			Ends                     Code
		}
	}
}

// manifests are the world with a workload and its policies for each case: api-0, api-1 and so on.
func (c policyCases) manifests() string {
	text := c.World
	for i, one := range c.Cases {
		app := fmt.Sprintf("api-%d", i)
		text += fmt.Sprintf(`---
{apiVersion: v1, kind: Service, metadata: {name: %[1]s, namespace: shop}, spec: {selector: {app: %[1]s}, ports: [{name: http, port: 8080, targetPort: 9000}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: %[1]s, namespace: shop}, spec: {selector: {matchLabels: {app: %[1]s}}, template: {metadata: {labels: {app: %[1]s}}, spec: {containers: [{name: api, image: api}]}}}}
`, app)
		for j, spec := range one.Policies {
			text += fmt.Sprintf("---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: %s-%d, namespace: shop, annotations: {istio.io/dry-run: \"%t\"}}, spec: %s}\n",
				app, j, one.Dry, strings.Replace(string(spec), "{", "{selector: {matchLabels: {app: "+app+"}}, ", 1))
		}
	}
	return text
}

// TestAuthorization: what AuthorizationPolicies let in, and what they do not.
func TestAuthorization(t *testing.T) {
	data, err := os.ReadFile("testdata/policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c policyCases
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Read("policies.yaml", strings.NewReader(c.manifests()))
	if err != nil {
		t.Fatal(err)
	}
	target, _ := mesh.Lookup("istio-1.31")
	x, err := NewIndex(b, Options{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range x.Problems() {
		t.Errorf("%s: %s", p.Object.ID, p.Message)
	}
	for i, one := range c.Cases {
		for _, call := range one.Calls {
			path, err := x.Walk(Request{
				From: cmp.Or(call.From, "shop/web"), To: fmt.Sprintf("http://api-%d.shop:8080", i) + cmp.Or(call.Path, "/v1/items?all=1"),
				Method: call.Method, Headers: map[string]string{"X-Team": cmp.Or(call.Team, "blue")},
			})
			if err != nil {
				t.Fatal(err)
			}
			if path.Outcome.Code != call.Ends {
				t.Errorf("%s, %+v: %s, %s", one.Name, call, path.Outcome.Code, path.Outcome.Reason)
			}
		}
	}
}
