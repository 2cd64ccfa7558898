package istiod

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"istio.io/istio/manifests"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/kube/inject"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// injectedByHand is what istioctl kube-inject makes of manifests: the template and values of Istio's own chart, and its code.
func injectedByHand(t *testing.T, manifest []byte) string {
	t.Helper()
	const chart = "charts/istio-control/istio-discovery/"
	template, err := fs.ReadFile(manifests.BuiltinOrDir(""), chart+"files/injection-template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(manifests.BuiltinOrDir(""), chart+"values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var chartValues map[string]map[string]any
	if err := yaml.Unmarshal(data, &chartValues); err != nil {
		t.Fatal(err)
	}
	values := maps.Clone(chartValues["_internal_defaults_do_not_set"])
	if data, err = yaml.Marshal(values); err != nil {
		t.Fatal(err)
	}
	config, err := inject.NewValuesConfig(string(data))
	if err != nil {
		t.Fatal(err)
	}
	templates, err := inject.ParseTemplates(inject.RawTemplates{"sidecar": string(template)})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	warn := func(text string) { t.Error(text) }
	if err := inject.IntoResourceFile(nil, templates, config, "default", mesh.DefaultMeshConfig(), bytes.NewReader(manifest), &out, warn); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestBookinfoByHand: in a namespace that refuses injection, the application has its sidecars once they are written in, to
// istiod's code and to the model alike; and none without.
func TestBookinfoByHand(t *testing.T) {
	walk := readBookinfo(t)
	world, err := judge.Load(bookinfo+"01-mesh.yaml", bookinfo+"injection/manual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	beside, err := judge.Parse("beside", []byte(walk.Beside))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(bookinfo + "02-application.yaml")
	if err != nil {
		t.Fatal(err)
	}
	written := injectedByHand(t, manifest)
	if n := strings.Count(written, "name: istio-proxy\n"); n != 6 {
		t.Fatalf("%d sidecars written:\n%s", n, written)
	}
	requests := walk.Steps[0].Requests
	for text, sidecars := range map[string]bool{written: true, string(manifest): false} {
		application, err := judge.Parse("02-application.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		wrong := followBookinfo(world.And(application).And(beside), requests)
		if sidecars && len(wrong) > 0 {
			t.Errorf("with sidecars: %s", strings.Join(wrong, "\n"))
		}
		if !sidecars && len(wrong) != len(requests) {
			t.Errorf("without sidecars, %d of %d requests go otherwise: %s", len(wrong), len(requests), strings.Join(wrong, "\n"))
		}
	}
}
