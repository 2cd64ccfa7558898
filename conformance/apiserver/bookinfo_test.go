package apiserver

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// bookinfoBundles are all files of the example's walk (../../examples/bookinfo/walk.yaml) in their order, for both layouts of
// gateways, and the other ways of injection: on the oldest Istio and the newest.
func bookinfoBundles(t *testing.T) []bundle {
	t.Helper()
	data, err := os.ReadFile("../../examples/bookinfo/walk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var walk struct{ Steps []struct{ Apply []string } }
	if err := yaml.Unmarshal(data, &walk); err != nil {
		t.Fatal(err)
	}
	istios := slices.DeleteFunc(slices.Clone(targets), func(target target) bool { return target.ControlPlane != "Helm" })
	var all []bundle
	for _, layout := range []string{"layouts/istioctl", "layouts/chart"} {
		var files []string
		for _, step := range walk.Steps {
			for _, file := range step.Apply {
				files = append(files, filepath.Join("../../examples/bookinfo", strings.Replace(file, "LAYOUT", layout, 1)))
			}
		}
		files = append(files, "../../examples/bookinfo/injection/revision.yaml", "../../examples/bookinfo/injection/manual.yaml")
		for _, target := range []target{istios[0], istios[len(istios)-1]} {
			all = append(all, bundle{name: "bookinfo " + layout, source: "bookinfo", files: files, target: target})
		}
	}
	return all
}

// readFiles is a bundle that is written in files: all documents in their order, and what a cluster holds after them, where a
// later one replaces an earlier one of the same name.
func readFiles(files []string) (r rendered, err error) {
	at := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return r, err
		}
		r.yaml += "---\n" + string(data)
		for _, document := range strings.Split(string(data), "\n---\n") {
			text, err := yaml.YAMLToJSON([]byte(document))
			if err != nil {
				return r, fmt.Errorf("%s: %w", file, err)
			}
			o, err := plane.Decode(text)
			if err != nil {
				return r, fmt.Errorf("%s: %w", file, err)
			}
			i, known := at[o.String()]
			if !known {
				i = len(r.objects)
				at[o.String()], r.objects = i, append(r.objects, nil)
			}
			r.objects[i] = o
		}
	}
	list, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": r.objects})
	r.json = string(list)
	return r, err
}
