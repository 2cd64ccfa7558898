package tyk

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"
)

// published is a file of Tyk's own: apidef/schema.json of github.com/TykTechnologies/tyk, or the CRD of
// github.com/TykTechnologies/tyk-operator (config/crd/bases). Neither repository is in the Go proxy.
func published(t *testing.T, name string) []byte {
	t.Helper()
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED does not say where Tyk's schemas are")
	}
	data, err := os.ReadFile(filepath.Join(shared, "crds", "tyk", name))
	if os.IsNotExist(err) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// judged are definitions of every kind, without TLS, with it, and with grants.
func judged(t *testing.T) (all []Definition) {
	t.Helper()
	w := echo(map[string]string{"bool.service.tyk.io/cache-options.cache-all-safe-requests": "true", "array.service.tyk.io/allowed-ips": `["10.0.0.0/8"]`})
	for _, tls := range []bool{false, true} {
		mesh, inbound, err := Definitions(w, Default(tls))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mesh, inbound)
	}
	m := Grants([]Workload{app("web", "web", "-"), app("orders", "back", "web")})
	granted, err := m.APIs(Default(true), map[string]ID{"web.shop": {"0a", "0b"}})
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, granted...)
	for _, d := range all {
		next := newChange(d)
		next.ids, next.since["0c"] = append(next.ids, "0c"), start
		p := planner{}
		next.apply(&p)
		all = append(all, p.plan.APIs...)
	}
	return all
}

// TestPublishedSchema holds definitions against the schema that Tyk's dashboard holds them against.
func TestPublishedSchema(t *testing.T) {
	var doc any
	if err := json.Unmarshal(published(t, "apidef.schema.json"), &doc); err != nil {
		t.Fatal(err)
	}
	unnamed(doc) // its inner ids are given twice, which a compiler refuses
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(data []byte) error {
		tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return compiled.Validate(tree)
	}
	for _, d := range judged(t) {
		if err := valid(d.JSON); err != nil {
			t.Errorf("%s: %v", d.Slug, err)
		}
	}
	if valid([]byte(`{"name": "a", "proxy": {"target_url": "b"}, "version_data": {"not_versioned": true, "versions": {}}, "slugg": "a"}`)) == nil {
		t.Error("a field that is not known is valid")
	}
}

// unnamed takes the ids out of a schema, but for properties of that name.
func unnamed(v any) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	if _, text := m["id"].(string); text {
		delete(m, "id")
	}
	for _, child := range m {
		unnamed(child)
	}
}

// TestPublishedCRD holds ApiDefinitions against the CRD of Tyk Operator: valid, and nothing is pruned.
func TestPublishedCRD(t *testing.T) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(published(t, "tyk.tyk.io_apidefinitions.yaml"), &crd); err != nil {
		t.Fatal(err)
	}
	var props apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &props, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := schema.NewStructural(&props)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range judged(t) {
		for _, tls := range []bool{false, true} {
			object, _, err := Operator(echo(nil), d, tls)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			var tree map[string]any
			if err := json.Unmarshal(data, &tree); err != nil {
				t.Fatal(err)
			}
			if faults := validation.ValidateCustomResource(nil, tree, validator); len(faults) > 0 {
				t.Errorf("%s: %v", d.Slug, faults)
			}
			if pruned := pruning.PruneWithOptions(tree, structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}); len(pruned) > 0 {
				t.Errorf("%s: pruned: %v", d.Slug, pruned)
			}
		}
	}
}
