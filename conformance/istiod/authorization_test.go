package istiod

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// TestAuthorization: what istiod makes of the AuthorizationPolicies of ../../traffic/testdata/policies.yaml lets in what is
// written there, and the model says the same.
func TestAuthorization(t *testing.T) {
	data, err := os.ReadFile("../../traffic/testdata/policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var written struct {
		World string
		Cases []struct {
			Name     string
			Dry      bool
			Policies []map[string]any
			Calls    []struct {
				From, Method, Path, Team string
				Ends                     judge.Code
			}
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&written); err != nil {
		t.Fatal(err)
	}
	text := written.World
	for i, one := range written.Cases {
		labels := fmt.Sprintf("{app: api-%d}", i)
		text += strings.NewReplacer("NAME", fmt.Sprintf("api-%d", i), "LABELS", labels).Replace(`---
{apiVersion: v1, kind: Service, metadata: {name: NAME, namespace: shop}, spec: {selector: LABELS, ports: [{name: http, port: 8080, targetPort: 9000}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME, namespace: shop}, spec: {selector: {matchLabels: LABELS}, template: {metadata: {labels: LABELS}, spec: {containers: [{name: api, image: api}]}}}}
`)
		for j, spec := range one.Policies {
			spec["selector"] = map[string]any{"matchLabels": map[string]any{"app": fmt.Sprintf("api-%d", i)}}
			metadata := map[string]any{"namespace": "shop", "name": fmt.Sprintf("api-%d-%d", i, j)}
			if one.Dry {
				metadata["annotations"] = map[string]string{"istio.io/dry-run": "true"}
			}
			policy, err := json.Marshal(map[string]any{"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata, "spec": spec})
			if err != nil {
				t.Fatal(err)
			}
			text += "---\n" + string(policy) + "\n"
		}
	}
	world, err := judge.Parse("policies.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var judged []judge.Path
	err = judge.In(world, judge.Options{}, func(w *judge.World) error {
		for i, one := range written.Cases {
			for _, call := range one.Calls {
				path, err := w.Walk(judge.Request{
					From: cmp.Or(call.From, "shop/web"), To: fmt.Sprintf("http://api-%d.shop:8080", i) + cmp.Or(call.Path, "/v1/items?all=1"),
					Method: call.Method, Headers: map[string]string{"X-Team": cmp.Or(call.Team, "blue")},
				})
				if err != nil {
					return err
				}
				judged = append(judged, path)
				if path.Outcome.Code != call.Ends {
					t.Errorf("%s, %+v: %s, %s", one.Name, call, path.Outcome.Code, path.Outcome.Reason)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	differences, skipped, err := walker.Against(world, "", judged)
	writtenTally.Add(model.Result{Requests: len(judged), Skipped: skipped, Differences: differences}, err)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}
