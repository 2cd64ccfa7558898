package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
)

// A crd judges objects of one kind and version by the API server's own code.
type crd struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// judge gives what the API server would say: unknown fields, types, enums, required fields, and the CEL rules.
func (c crd) judge(tree map[string]any) []string {
	var faults []string
	pruned := map[string]any{}
	for k, v := range tree {
		pruned[k] = v
	}
	for _, path := range pruning.PruneWithOptions(pruned, c.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}) {
		faults = append(faults, "unknown field "+path)
	}
	structuraldefaulting.Default(tree, c.structural)
	errs := validation.ValidateCustomResource(nil, tree, c.schema)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, c.structural, tree)...)
	if c.rules != nil {
		more, _ := c.rules.Validate(context.Background(), field.NewPath(""), c.structural, tree, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, more...)
	}
	for _, err := range errs {
		faults = append(faults, err.Error())
	}
	return faults
}

// loadCRDs reads the CRDs of files, by "group/version/Kind".
func loadCRDs(t *testing.T, crds map[string]crd, files ...string) {
	t.Helper()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range strings.Split("\n"+string(data), "\n---") {
			var v1 apiextensionsv1.CustomResourceDefinition
			if err := yaml.Unmarshal([]byte(doc), &v1); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, version := range v1.Spec.Versions {
				var schema apiextensions.JSONSchemaProps
				if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &schema, nil); err != nil {
					t.Fatal(err)
				}
				var c crd
				if c.structural, err = structuralschema.NewStructural(&schema); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				if c.schema, _, err = validation.NewSchemaValidator(&schema); err != nil {
					t.Fatal(err)
				}
				c.rules = cel.NewValidator(c.structural, true, celconfig.PerCallLimit)
				crds[v1.Spec.Group+"/"+version.Name+"/"+v1.Spec.Names.Kind] = c
			}
		}
	}
}

// moduleFile is a file of a module that the build uses.
func moduleFile(t *testing.T, module, file string) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), file)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	return files
}

// TestSchemas holds every rendered object of Istio and Route against the CRDs in the modules, and those of Maistra and
// Sail against the ones in SCENARIO_SHARED, by the API server's own validation.
func TestSchemas(t *testing.T) {
	crds := map[string]crd{}
	loadCRDs(t, crds, moduleFile(t, "istio.io/api", "kubernetes/customresourcedefinitions.gen.yaml"))
	loadCRDs(t, crds, moduleFile(t, "github.com/openshift/api", "route/v1/zz_generated.crd-manifests/routes.crd.yaml"))
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Run("Maistra and Sail", func(t *testing.T) { t.Skip("SCENARIO_SHARED does not say where their CRDs are") })
	} else {
		loadCRDs(t, crds, glob(t, filepath.Join(shared, "crds/maistra/*.yaml"))...)
		loadCRDs(t, crds, glob(t, filepath.Join(shared, "crds/sail/*.yaml"))...)
	}
	builtIn := map[string]bool{"": true, "apps": true, "rbac.authorization.k8s.io": true, "networking.k8s.io": true, "admissionregistration.k8s.io": true, "batch": true}
	judged := map[string]int{}
	check := func(name string, _ mesh.Target, b *bundle.Bundle) {
		for _, o := range b.Objects {
			group := ""
			if g, _, ok := strings.Cut(o.APIVersion, "/"); ok {
				group = g
			}
			if builtIn[group] || shared == "" && (strings.HasSuffix(group, "maistra.io") || group == "sailoperator.io") {
				continue
			}
			c, ok := crds[o.APIVersion+"/"+o.Kind]
			if !ok {
				t.Errorf("%s: %s: no CRD for %s", name, o.ID, o.APIVersion)
				continue
			}
			judged[o.Kind]++
			for _, fault := range c.judge(o.Tree()) {
				t.Errorf("%s: %s: %s", name, o.ID, fault)
			}
		}
	}
	renderAll(t, check)
	renderOdd(t, check)
	renderVariants(t, check)
	for _, kind := range []string{"ServiceEntry", "DestinationRule", "Gateway", "VirtualService", "Sidecar", "PeerAuthentication", "Route"} {
		if judged[kind] == 0 {
			t.Errorf("no %s was judged", kind)
		}
	}
	t.Log("judged: ", fmt.Sprint(judged))
}

// TestSchemasCanFail shows that the judge sees what it is for: a field, an enum and a CEL rule.
func TestSchemasCanFail(t *testing.T) {
	crds := map[string]crd{}
	loadCRDs(t, crds, moduleFile(t, "istio.io/api", "kubernetes/customresourcedefinitions.gen.yaml"))
	c := crds["networking.istio.io/v1/ServiceEntry"]
	for want, spec := range map[string]map[string]any{
		"unknown field":     {"hosts": []any{"a.example"}, "resolutoin": "DNS"},
		"Unsupported value": {"hosts": []any{"a.example"}, "resolution": "DSN"},
		"CIDR addresses":    {"hosts": []any{"a.example"}, "resolution": "DNS", "addresses": []any{"10.0.0.0/8"}},
	} {
		tree := map[string]any{"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": map[string]any{"name": "a"}, "spec": spec}
		if faults := strings.Join(c.judge(tree), "; "); !strings.Contains(faults, want) {
			t.Errorf("%s: got %q", want, faults)
		}
	}
}
