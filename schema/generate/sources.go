package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// pins are, of each minor of Istio that a target has, the module of its CRDs, and of those between as far as they can be
// had, to tell what came when. 1.9's are in a form that Kubernetes 1.22 gave up; 1.10's have the same kinds, fields and
// values. The last one is what the product itself is built with.
var pins = []struct {
	minor   int
	version string
}{
	{9, "v0.0.0-20211015181651-ddbde26ea264"},
	{12, "v0.0.0-20220628132934-6669b1c67990"},
	{14, "v0.0.0-20221004225839-607aeaab2827"},
	{16, "v0.0.0-20230711220847-08f4f4a00d6e"},
	{18, "v0.0.0-20231206023236-e7cadb36da57"},
	{19, "v1.19.0"},
	{20, "v1.20.8"},
	{21, "v1.21.6"},
	{22, "v1.22.0"},
	{23, "v1.23.0"},
	{24, "v1.24.4"},
	{25, "v1.25.5"},
	{26, "v1.26.4"},
	{27, "v1.27.8"},
	{28, "v1.28.3"},
	{29, "v1.29.6"},
	{30, "v1.30.3"},
	{31, "v1.31.1"},
}

// every is the minor of kinds that are not Istio's.
const every = 0

func (t *table) istio() error {
	for _, pin := range pins {
		dir, err := download("istio.io/api", pin.version)
		if err != nil {
			return err
		}
		if err := t.file(pin.minor, filepath.Join(dir, "kubernetes/customresourcedefinitions.gen.yaml")); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) route() error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/openshift/api").Output()
	if err != nil {
		return err
	}
	return t.file(every, filepath.Join(strings.TrimSpace(string(out)), "route/v1/zz_generated.crd-manifests/routes.crd.yaml"))
}

// operators adds the CRDs of Maistra and Sail, or what an earlier run has written of them.
func (t *table) operators(written string) error {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		fmt.Fprintln(os.Stderr, "generate: SCENARIO_SHARED is not set: the schemas of Maistra and Sail stay as they are")
		return t.keep(written, "maistra.io", "sailoperator.io")
	}
	for _, folder := range []string{"crds/maistra", "crds/sail"} {
		files, err := filepath.Glob(filepath.Join(shared, folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("%s has no CRDs in %s: %w", shared, folder, errors.Join(err))
		}
		for _, file := range files {
			if err := t.file(every, file); err != nil {
				return err
			}
		}
	}
	return nil
}

// file adds the CRDs of a file.
func (t *table) file(minor int, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, doc := range bytes.Split(append([]byte{'\n'}, data...), []byte("\n---")) {
		var crd definition
		if err := yaml.Unmarshal(doc, &crd); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, v := range crd.Spec.Versions {
			if !v.Served {
				continue
			}
			kind := crd.Spec.Group + "/" + v.Name + "/" + crd.Spec.Names.Kind
			if err := t.kind(kind, minor, v.Schema.OpenAPIV3Schema); err != nil {
				return fmt.Errorf("%s: %s: %w", file, kind, err)
			}
		}
	}
	return nil
}

// A definition is what is read of a CRD.
type definition struct {
	Spec struct {
		Group string
		Names struct{ Kind string }

		Versions []struct {
			Name   string
			Served bool
			Schema struct{ OpenAPIV3Schema map[string]any }
		}
	}
}

// download gives the folder of a module that the product's go.mod does not require.
func download(module, version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module+"@"+version).Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) != nil || answer.Dir == "" {
		return "", fmt.Errorf("go mod download %s@%s: %w", module, version, errors.Join(err, errors.New(answer.Error)))
	}
	return answer.Dir, nil
}
