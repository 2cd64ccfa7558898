package schema

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
)

// A reference is the API server's own code, for one kind and version.
type reference struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// judge gives the faults that the API server finds; those that keep it from looking at the rules in CEL come alone.
func (r reference) judge(tree map[string]any) (unknown, faults []string) {
	unknown = append(unknown, pruning.PruneWithOptions(tree, r.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	structuraldefaulting.PruneNonNullableNullsWithoutDefaults(tree, r.structural)
	structuraldefaulting.Default(tree, r.structural)
	errs := validation.ValidateCustomResource(nil, tree, r.schema)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, r.structural, tree)...)
	if r.rules != nil && len(errs) == 0 {
		errs, _ = r.rules.Validate(context.Background(), field.NewPath(""), r.structural, tree, nil, celconfig.RuntimeCELCostBudget)
	}
	for _, err := range errs {
		faults = append(faults, err.Error())
	}
	return unknown, faults
}

// references are by minor and group/version/Kind.
var references sync.Map

func referenceFor(t testing.TB, kind string, minor int) (reference, bool) {
	t.Helper()
	if r, ok := references.Load(fmt.Sprint(kind, minor)); ok {
		return r.(reference), true
	}
	for _, file := range crdFiles(t, kind, minor) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range strings.Split("\n"+string(data), "\n---") {
			var crd apiextensionsv1.CustomResourceDefinition
			if err := yaml.Unmarshal([]byte(doc), &crd); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, v := range crd.Spec.Versions {
				if crd.Spec.Group+"/"+v.Name+"/"+crd.Spec.Names.Kind != kind {
					continue
				}
				var props apiextensions.JSONSchemaProps
				if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &props, nil); err != nil {
					t.Fatal(err)
				}
				var r reference
				if r.structural, err = structuralschema.NewStructural(&props); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				if r.schema, _, err = validation.NewSchemaValidator(&props); err != nil {
					t.Fatal(err)
				}
				r.rules = cel.NewValidator(r.structural, true, celconfig.PerCallLimit)
				references.Store(fmt.Sprint(kind, minor), r)
				return r, true
			}
		}
	}
	return reference{}, false
}

// crdFiles are the files that a kind may be in.
func crdFiles(t testing.TB, kind string, minor int) []string {
	t.Helper()
	shared := func(folder string) []string {
		root := os.Getenv("SCENARIO_SHARED")
		if root == "" {
			return nil
		}
		files, err := filepath.Glob(filepath.Join(root, folder, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	switch group, _, _ := strings.Cut(kind, "/"); group {
	case "maistra.io", "federation.maistra.io":
		return shared("crds/maistra")
	case "sailoperator.io":
		return shared("crds/sail")
	case "route.openshift.io":
		return []string{filepath.Join(moduleDir(t, "list", "-m", "-json", "github.com/openshift/api"), "route/v1/zz_generated.crd-manifests/routes.crd.yaml")}
	}
	return []string{filepath.Join(moduleDir(t, "mod", "download", "-json", "istio.io/api@"+istioModules[minor]), "kubernetes/customresourcedefinitions.gen.yaml")}
}

// istioModules are the modules that the schemas of some minors come from: the newest, one before CRDs had rules in CEL,
// the first that had them, and the oldest.
var istioModules = map[int]string{31: "v1.31.1", 24: "v1.24.4", 20: "v1.20.8", 9: "v0.0.0-20211015181651-ddbde26ea264"}

var moduleDirs sync.Map

func moduleDir(t testing.TB, args ...string) string {
	t.Helper()
	key := fmt.Sprint(args)
	if dir, ok := moduleDirs.Load(key); ok {
		return dir.(string)
	}
	out, err := exec.Command("go", args...).Output()
	var answer struct{ Dir string }
	if json.Unmarshal(out, &answer) != nil || answer.Dir == "" {
		t.Skipf("go %s: %v: these CRDs cannot be had here", strings.Join(args, " "), err)
	}
	moduleDirs.Store(key, answer.Dir)
	return answer.Dir
}
