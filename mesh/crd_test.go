package mesh

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// TestStructsMatchCRDs: every field of our own structs exists in the CRD, with that type.
func TestStructsMatchCRDs(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED does not say where the CRDs of Maistra and Sail are")
	}
	for file, want := range map[string]struct {
		version string
		object  any
	}{
		"maistra/maistra.io_servicemeshcontrolplanes.yaml":       {"v2", ServiceMeshControlPlane{}},
		"maistra/maistra.io_servicemeshmemberrolls.yaml":         {"v1", ServiceMeshMemberRoll{}},
		"maistra/maistra.io_servicemeshmembers.yaml":             {"v1", ServiceMeshMember{}},
		"maistra/federation.maistra.io_servicemeshpeers.yaml":    {"v1", ServiceMeshPeer{}},
		"maistra/federation.maistra.io_exportedservicesets.yaml": {"v1", ExportedServiceSet{}},
		"maistra/federation.maistra.io_importedservicesets.yaml": {"v1", ImportedServiceSet{}},
		"sail/sailoperator.io_istios.yaml":                       {"v1", Istio{}},
		"sail/sailoperator.io_istiocnis.yaml":                    {"v1", IstioCNI{}},
	} {
		data, err := os.ReadFile(filepath.Join(shared, "crds", file))
		if err != nil {
			t.Fatal(err)
		}
		var crd map[string]any
		if err := yaml.Unmarshal(data, &crd); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, v := range crd["spec"].(map[string]any)["versions"].([]any) {
			version := v.(map[string]any)
			if version["name"] == want.version {
				found = true
				schema := version["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
				for _, fault := range compare(reflect.TypeOf(want.object), schema, strings.TrimSuffix(filepath.Base(file), ".yaml")) {
					t.Error(fault)
				}
			}
		}
		if !found {
			t.Errorf("%s: no version %s", file, want.version)
		}
	}
}

// TestCompareCanFail: a field that is not there, and one of another type.
func TestCompareCanFail(t *testing.T) {
	schema := map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{"type": "string"}, "b": map[string]any{"type": "integer"}}}
	type wrong struct {
		A string `json:"a"`
		B string `json:"b"`
		C string `json:"c"`
	}
	if faults := compare(reflect.TypeOf(wrong{}), schema, "x"); len(faults) != 2 {
		t.Errorf("got %q, want two faults", faults)
	}
}

var kubernetesOwn = map[reflect.Type]bool{
	reflect.TypeOf(metav1.TypeMeta{}): true, reflect.TypeOf(metav1.ObjectMeta{}): true, reflect.TypeOf(metav1.LabelSelector{}): true,
}

// compare lists where a Go type differs from an OpenAPI schema.
func compare(t reflect.Type, schema map[string]any, path string) []string {
	if t.Kind() == reflect.Pointer {
		return compare(t.Elem(), schema, path)
	}
	if kubernetesOwn[t] {
		return nil
	}
	want := map[reflect.Kind]string{reflect.Struct: "object", reflect.Slice: "array", reflect.Map: "object", reflect.String: "string", reflect.Bool: "boolean", reflect.Int32: "integer"}[t.Kind()]
	if got := schema["type"]; got != want {
		return []string{fmt.Sprintf("%s: a %s here, %v in the CRD", path, want, got)}
	}
	var faults []string
	switch t.Kind() {
	case reflect.Slice:
		return compare(t.Elem(), schema["items"].(map[string]any), path+"[]")
	case reflect.Map:
		return compare(t.Elem(), schema["additionalProperties"].(map[string]any), path+"{}")
	case reflect.Struct:
		properties, _ := schema["properties"].(map[string]any)
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || kubernetesOwn[f.Type] {
				continue
			}
			property, ok := properties[name].(map[string]any)
			if !ok {
				faults = append(faults, fmt.Sprintf("%s.%s: not in the CRD", path, name))
				continue
			}
			faults = append(faults, compare(f.Type, property, path+"."+name)...)
		}
	}
	return faults
}
