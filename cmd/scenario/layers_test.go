package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/meshscenario/scenario"

// layers says which packages of the house each may import. The way is one-directional: scenario + target → generator →
// bundle → traffic → report; a bundle may come from a cluster; the command joins them.
var layers = map[string][]string{
	"mesh":           {},
	"nearest":        {},
	"contrast":       {},
	"contrast/walk":  {"bundle", "contrast", "traffic"},
	"tyk":            {"nearest"},
	"tyk/walk":       {"bundle", "traffic", "tyk"},
	"scenarios":      {"contrast", "mesh", "nearest"},
	"templates":      {},
	"veil":           {},
	"bundle":         {"mesh", "veil"},
	"cluster":        {"bundle", "pki"},
	"certs":          {"bundle", "pki"},
	"certmanager":    {"bundle", "scenarios"},
	"pki":            {"veil"},
	"pki/pkitest":    {},
	"generator":      {"bundle", "mesh", "scenarios", "templates"},
	"kit":            {"bundle", "scenarios"},
	"traffic":        {"bundle", "mesh", "nearest", "veil"},
	"validate":       {"bundle", "mesh", "traffic"},
	"schema":         {"bundle", "mesh"},
	"validate/rules": {"bundle", "certs/lint", "contrast", "mesh", "nearest", "pki", "schema", "traffic", "tyk", "validate", "veil"},
	"edit":           {"bundle", "validate"},
	"waive":          {"bundle", "mesh", "nearest", "traffic", "validate"},
	"migrate":        {"bundle", "mesh", "nearest", "schema", "traffic"},
	"policy":         {"bundle", "nearest", "traffic", "validate"},
	"report":         {"bundle", "mesh", "migrate", "traffic", "validate"},
	"certs/lint":     {"nearest"},
	"cmd/scenario":   {"bundle", "certmanager", "certs", "certs/lint", "cluster", "contrast", "contrast/walk", "edit", "generator", "kit", "mesh", "migrate", "pki", "policy", "report", "scenarios", "traffic", "tyk", "tyk/walk", "validate", "validate/rules", "veil", "waive"},

	"schema/generate": {},

	// The judges themselves are modules of their own, which run the command.
	"conformance/targets": {"mesh"},
	"conformance/served":  {"pki"},
	"conformance/walker":  {"bundle", "edit", "mesh", "traffic", "validate", "validate/rules"},
}

// rooms are modules that only these packages know.
var rooms = map[string][]string{
	"filippo.io/age":               {"certs"},
	"github.com/cloudflare/cfssl":  {"certs", "certs/lint"},
	"github.com/gofrs/flock":       {"certs"},
	"github.com/google/cel-go":     {"policy"},
	"github.com/google/go-jsonnet": {"generator"},
	"github.com/spf13/cobra":       {"cmd/scenario"},
	"github.com/tidwall/sjson":     {"tyk"},
	"github.com/zmap/zcrypto":      {"certs"},
	"github.com/zmap/zlint":        {"certs"},
	"helm.sh/helm/v3":              {"migrate"},
	"github.com/openshift/api":     {"bundle", "traffic", "validate/rules"},
	"istio.io/client-go":           {"bundle", "schema", "traffic"},
	"k8s.io/client-go":             {"cluster"},
	"istio.io/istio":               {"schema"},
}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, imports, _ := strings.Cut(line, ":")
		name := strings.TrimPrefix(path, module+"/")
		allowed, ok := layers[name]
		if !ok {
			t.Errorf("package %s has no place in the table of layers", name)
		}
		seen[name] = true
		for _, i := range strings.Fields(imports) {
			if own, ours := strings.CutPrefix(i, module+"/"); ours && !slices.Contains(allowed, own) {
				t.Errorf("%s must not import %s", name, own)
			}
			for library, in := range rooms {
				if (i == library || strings.HasPrefix(i, library+"/")) && !slices.Contains(in, name) {
					t.Errorf("%s must not import %s: only %s does", name, i, strings.Join(in, " and "))
				}
			}
		}
	}
	for name := range layers {
		if !seen[name] {
			t.Errorf("no package %s", name)
		}
	}
}
