package bundle

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An Aside is something in a folder that objects are made of, and that holds none yet.
type Aside struct {
	Name string
	Why  AsideWhy
}

// An AsideWhy is what it is, and what to read in its place.
type AsideWhy string

// What folders hold of the kind.
const (
	HelmChart     AsideWhy = "a chart of Helm: give what helm template writes"
	KustomizePart AsideWhy = "a patch or setting of kustomize: give what kustomize build writes"
	Nameless      AsideWhy = "an object without metadata.name, of a kind that is not followed"
)

// A kustomization is as much of kustomize's file as names others that hold no whole objects. All of it may be written in
// more than one form.
type kustomization struct {
	Patches               []any  `yaml:"patches"`
	PatchesStrategicMerge []any  `yaml:"patchesStrategicMerge"`
	PatchesJSON           []any  `yaml:"patchesJson6902"`
	Replacements          []any  `yaml:"replacements"`
	Configurations        []any  `yaml:"configurations"`
	Transformers          []any  `yaml:"transformers"`
	Generators            []any  `yaml:"generators"`
	ConfigMaps            []made `yaml:"configMapGenerator"`
	Secrets               []made `yaml:"secretGenerator"`
	HelmCharts            []struct {
		ValuesFile            string `yaml:"valuesFile"`
		AdditionalValuesFiles []any  `yaml:"additionalValuesFiles"`
	} `yaml:"helmCharts"`
}

// made is a ConfigMap or Secret that kustomize makes of files.
type made struct {
	Files []any `yaml:"files"`
}

// kustomizations are the names that kustomize looks for.
var kustomizations = []string{"kustomization.yaml", "kustomization.yml"}

func isKustomization(name string) bool { return slices.Contains(kustomizations, name) }

// parts are the files that a kustomization names and that hold no objects of their own. One that cannot be read names
// none: kustomize says so better.
func parts(name string) []string {
	data, err := os.ReadFile(name)
	var k kustomization
	if err != nil || yaml.Unmarshal(data, &k) != nil {
		return nil
	}
	var all []string
	add := func(file any) {
		path, ok := file.(string)
		if entry, isMap := file.(map[string]any); isMap {
			path, ok = entry["path"].(string)
		}
		if ok && !strings.Contains(path, "\n") {
			all = append(all, filepath.Join(filepath.Dir(name), path))
		}
	}
	for _, list := range [][]any{k.Patches, k.PatchesStrategicMerge, k.PatchesJSON, k.Replacements, k.Configurations, k.Transformers, k.Generators} {
		for _, file := range list {
			add(file)
		}
	}
	for _, of := range append(k.ConfigMaps, k.Secrets...) {
		for _, file := range of.Files {
			if text, ok := file.(string); ok {
				if _, path, named := strings.Cut(text, "="); named {
					text = path
				}
				add(text)
			}
		}
	}
	for _, chart := range k.HelmCharts {
		add(chart.ValuesFile)
		for _, file := range chart.AdditionalValuesFiles {
			add(file)
		}
	}
	return all
}
