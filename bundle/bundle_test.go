package bundle

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	networkingapi "istio.io/api/networking/v1alpha3"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	sigsyaml "sigs.k8s.io/yaml"
)

func decode(t *testing.T, text string) (any, error) {
	t.Helper()
	data, err := sigsyaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return Decode(Identify(tree), data)
}

// TestDecodeStrictly: what a type does not have is an error that names the path.
func TestDecodeStrictly(t *testing.T) {
	const se = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: b}\n"
	for name, tc := range map[string]struct{ text, want string }{
		"unknown field":         {se + "spec: {hosts: [a.example], resolutoin: DNS}", `spec: unknown field "resolutoin"`},
		"unknown field in list": {se + "spec: {hosts: [a.example], ports: [{number: 80, name: http}, {number: 81, name: b, protcol: HTTP}]}", `spec.ports[1]: unknown field "protcol"`},
		"unknown field deep":    {"apiVersion: networking.istio.io/v1beta1\nkind: DestinationRule\nmetadata: {name: a}\nspec: {host: a, trafficPolicy: {portLevelSettings: [{port: {numbr: 1}}]}}", `spec.trafficPolicy.portLevelSettings[0].port: unknown field "numbr"`},
		"after other letters":   {se + "spec: {hosts: [" + strings.Repeat("ü", 120) + ".example], ports: [{zzz: 1}]}", `spec.ports[0]: unknown field "zzz"`},
		"enum":                  {se + "spec: {hosts: [a.example], resolution: DSN}", `spec.resolution: invalid value for enum field resolution: "DSN"`},
		"type":                  {se + "spec: {hosts: a.example}", `spec.hosts`},
		"beside spec":           {se + "spec: {hosts: [a.example]}\nstauts: {}", `unknown field "stauts"`},
		"metadata":              {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, label: {a: b}}\nspec: {}", `metadata: unknown field "label"`},
		"no spec":               {se, "spec: missing"},
		"plain kind":            {"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, targetprot: 80}]}", `unknown field "spec.ports[0].targetprot"`},
		"case":                  {"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {Type: ClusterIP}", `unknown field "spec.Type"`},
		"maistra":               {"apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\nmetadata: {name: a}\nspec: {security: {dataPlane: {mtl: true}}}", `unknown field "spec.security.dataPlane.mtl"`},
		"kind":                  {"apiVersion: networking.istio.io/v1\nkind: ServiceEntri\nmetadata: {name: a}", `unknown kind "ServiceEntri"`},
		"version":               {"apiVersion: networking.istio.io/v2\nkind: ServiceEntry\nmetadata: {name: a}\nspec: {}", `unknown version "v2"`},
		"nothing":               {"metadata: {name: a}", "an object has apiVersion and kind"},
	} {
		if _, err := decode(t, tc.text); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestDecode(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want any
	}{
		"istio":   {"apiVersion: networking.istio.io/v1beta1\nkind: ServiceEntry\nmetadata: {name: a}\nspec: {hosts: [a.example]}", &networking.ServiceEntry{}},
		"core":    {"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}", &corev1.Namespace{}},
		"foreign": {"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a}\nspec: {anything: 1}", nil},
	} {
		got, err := decode(t, tc.text)
		if err != nil || reflect.TypeOf(got) != reflect.TypeOf(tc.want) {
			t.Errorf("%s: %T, %v; want %T", name, got, err, tc.want)
		}
	}
	got, err := decode(t, "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: b}\nspec: {hosts: [a.example], resolution: DNS}")
	if err != nil {
		t.Fatal(err)
	}
	if se := got.(*networking.ServiceEntry); se.Namespace != "b" || se.Spec.Resolution != networkingapi.ServiceEntry_DNS || se.Spec.Hosts[0] != "a.example" {
		t.Errorf("got %v", se)
	}
}

// awkward are values that YAML readers like to take for something else.
var awkward = map[string]any{
	"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "namespace": "b"},
	"data": map[string]any{
		"yes": "yes", "on": "on", "y": "y", "null": "null", "tilde": "~", "number": "0123", "octal": "0o17", "float": "1e3", "date": "2020-01-01",
		"colon": "a: b", "hash": "a #b", "lines": "a\nb\n", "trailing": "a\nb", "tab": "\ta", "quote": "'\"", "star": "*.example.com", "amp": "&a",
		"empty": "", "space": " a ", "long": strings.Repeat("word ", 60), "unicode": "é…\u2028", "brace": "{}", "at": "@a", "percent": "%a", "dash": "- a",
	},
	"numbers": []any{float64(0), float64(80), float64(1000000), float64(65535), 1.5, float64(-3), true, false, map[string]any{}, []any{}},
}

// TestYAMLIsTheFieldsOwn holds our writer against sigs.k8s.io/yaml, byte for byte, and reads the result back.
func TestYAMLIsTheFieldsOwn(t *testing.T) {
	data, err := json.Marshal(awkward)
	if err != nil {
		t.Fatal(err)
	}
	want, err := sigsyaml.JSONToYAML(data)
	if err != nil {
		t.Fatal(err)
	}
	b := &Bundle{Objects: []*Object{{ID: Identify(awkward), JSON: data}}}
	var got bytes.Buffer
	if err := b.YAML(&got, false); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	back, err := sigsyaml.YAMLToJSON(got.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var x, y any
	if json.Unmarshal(back, &x) != nil || json.Unmarshal(data, &y) != nil || !reflect.DeepEqual(x, y) {
		t.Errorf("reading back gave %s", back)
	}
}

// TestYAMLKeepsOrder: many documents, written by several goroutines, come in their order.
func TestYAMLKeepsOrder(t *testing.T) {
	b := &Bundle{}
	var want strings.Builder
	for i := range 1000 {
		name := strings.Repeat("a", i%50+1)
		o, err := NewObject(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}})
		if err != nil {
			t.Fatal(err)
		}
		o.Why = "why"
		b.Objects = append(b.Objects, o)
		if i > 0 {
			want.WriteString("---\n")
		}
		want.WriteString("# Namespace " + name + ": why\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n")
	}
	var got bytes.Buffer
	if err := b.YAML(&got, true); err != nil || got.String() != want.String() {
		t.Errorf("%v; %d bytes, want %d", err, got.Len(), want.Len())
	}
}

// TestSort: nothing comes before what it needs; strangers come before policies.
func TestSort(t *testing.T) {
	b := &Bundle{}
	for _, kind := range []string{"NetworkPolicy", "VirtualService", "Stranger", "Route", "Gateway", "DestinationRule", "ServiceEntry", "Service", "Deployment", "Secret", "Role", "ServiceMeshMember", "Istio", "Namespace"} {
		b.Objects = append(b.Objects, &Object{ID: ID{Kind: kind}})
	}
	b.Sort()
	var got []string
	for _, o := range b.Objects {
		got = append(got, o.Kind)
	}
	want := "Namespace Istio ServiceMeshMember Role Secret Deployment Service ServiceEntry DestinationRule Gateway Route VirtualService Stranger NetworkPolicy"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	files := b.Files()
	for i := 1; i < len(files); i++ {
		if files[i].Name < files[i-1].Name && files[i].Object.Kind != files[i-1].Object.Kind {
			t.Errorf("file %s sorts before %s", files[i].Name, files[i-1].Name)
		}
	}
}

// FuzzPathAt: any JSON and any offset give a path, without a crash.
func FuzzPathAt(f *testing.F) {
	f.Add(`{"a":[{"b":1},{"c":{"d":[1,2]}}]}`, 20)
	f.Add(`[`, 3)
	f.Fuzz(func(t *testing.T, text string, offset int) { pathAt([]byte(text), offset) })
}
