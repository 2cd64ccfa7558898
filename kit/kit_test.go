package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

// kitOf is the whole kit of a cell; settings are paths and values, alternately.
func kitOf(t *testing.T, cell scenarios.Cell, settings ...string) Kit {
	t.Helper()
	d := scenarios.New(cell.Scenario)
	for pair := range slices.Chunk(append([]string{"encryption", cell.Encryption}, settings...), 2) {
		if err := d.Set(pair[0], pair[1], scenarios.Position{Flag: "--set"}); err != nil {
			t.Fatal(err)
		}
	}
	plans, err := scenarios.Resolve([]*scenarios.Draft{d}, cell.Target)
	if err != nil {
		t.Fatal(err)
	}
	options := generator.Options{Parts: plans[0].Scenario.Parts, Why: true}
	b, err := generator.Render(plans, options)
	if err != nil {
		t.Fatal(err)
	}
	definition, err := scenarios.Write([]*scenarios.Draft{d}, cell.Target)
	if err != nil {
		t.Fatal(err)
	}
	return Kit{Plans: plans, PartsOf: options.PartsOf, Definition: definition, Bundle: b, Secrets: Reference}
}

// cells are those that are supported on the newest target of each line.
func cells(t *testing.T) []scenarios.Cell {
	t.Helper()
	newest := map[string]bool{}
	for _, target := range mesh.Newest() {
		newest[target.Name] = true
	}
	var all []scenarios.Cell
	for _, c := range scenarios.Matrix() {
		if c.Supported && newest[c.Target] {
			all = append(all, c)
		}
	}
	return all
}

// write lays a kit into a new folder.
func write(t *testing.T, k Kit) string {
	t.Helper()
	files, err := k.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, f.Mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestFiles: each object is in one manifest, whose mark names it; the same kit has the same bytes; and every script is one.
func TestFiles(t *testing.T) {
	mark := regexp.MustCompile(`(?m)^    ` + regexp.QuoteMeta(MarkAnnotation) + `: (.*)$`)
	for _, cell := range cells(t) {
		k := kitOf(t, cell)
		files, err := k.Files()
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := k.Files(); !reflect.DeepEqual(files, again) {
			t.Errorf("%v: other bytes the second time", cell)
		}
		names := map[string]bool{}
		manifests := 0
		for _, f := range files {
			if names[f.Name] {
				t.Errorf("%v: %s twice", cell, f.Name)
			}
			names[f.Name] = true
			base, isManifest := strings.CutPrefix(f.Name, "manifests/")
			if !isManifest {
				continue
			}
			manifests++
			if m := mark.FindSubmatch(f.Data); m == nil || string(m[1]) != k.Name()+"/"+base {
				t.Errorf("%v: %s is marked %q", cell, f.Name, m)
			}
		}
		if manifests != len(k.Bundle.Objects) {
			t.Errorf("%v: %d manifests of %d objects", cell, manifests, len(k.Bundle.Objects))
		}
		for _, name := range []string{"README.md", "definition.yaml", "apply.sh", "test.sh", "undo.sh", "lib.sh"} {
			if !names[name] {
				t.Errorf("%v: no %s", cell, name)
			}
		}
		dir := write(t, k)
		for _, script := range []string{"apply.sh", "test.sh", "undo.sh", "lib.sh"} {
			if out, err := exec.Command("sh", "-n", filepath.Join(dir, script)).CombinedOutput(); err != nil {
				t.Errorf("%v: %s: %v: %s", cell, script, err, out)
			}
		}
	}
}

// TestOrder: nothing is applied before what it is in, or refers to.
func TestOrder(t *testing.T) {
	for _, cell := range cells(t) {
		manifests, err := kitOf(t, cell).manifests()
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]int{}
		for i, m := range manifests {
			if _, known := at[m.Kind]; !known || m.Kind == "Namespace" {
				at[m.Kind] = i
			}
			if m.Namespace != "" && at["Namespace"] > i {
				t.Errorf("%v: %s before a namespace", cell, m.ID)
			}
		}
		if deployment, ok := at["Deployment"]; ok && at["ServiceAccount"] > deployment {
			t.Errorf("%v: Deployments before their ServiceAccounts", cell)
		}
		if values := slices.IndexFunc(manifests, func(m manifest) bool { return m.Name == helmValues }); values > 0 && manifests[values].stage != stages[1] {
			t.Errorf("%v: the values of the control plane's chart come too late", cell)
		}
	}
}

// TestDefinition: a kit's definition gives the kit again.
func TestDefinition(t *testing.T) {
	for _, settings := range [][]string{
		nil,
		{"metadata.name", "shop", "client.labels.app", "true", "client.labels.app\\.kubernetes\\.io/name", "1.0", "service.port", "8443"},
		{"service.host", "api.partner.example", "service.subjectAltNames", "a.example,*.b.example", "service.endpoints[0].address", "192.0.2.1"},
	} {
		k := kitOf(t, scenarios.Cell{Scenario: "1b", Encryption: scenarios.Mutual, Target: "ossm-3.4"}, settings...)
		drafts, err := scenarios.Read(strings.NewReader(string(k.Definition)), "definition.yaml")
		if err != nil {
			t.Fatalf("%v\n%s", err, k.Definition)
		}
		plans, err := scenarios.Resolve(drafts, mesh.Default)
		if err != nil {
			t.Fatalf("%v\n%s", err, k.Definition)
		}
		if !reflect.DeepEqual(plans[0].Definition, k.Plans[0].Definition) {
			t.Errorf("read back: %+v\nmade of: %+v", plans[0].Definition, k.Plans[0].Definition)
		}
	}
}

// TestShellcheck holds the scripts of every scenario against shellcheck: with the encryptions that have most to them, for
// what the others have is a part of it.
func TestShellcheck(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("no shellcheck here: apt-get install shellcheck")
	}
	seen := map[string]bool{}
	var files []string
	for i, cell := range cells(t) {
		least := cell.Encryption == scenarios.Simple || cell.Encryption == scenarios.None && cell.Scenario != "enroll" && cell.Scenario != "control-plane"
		if least || seen[cell.Scenario+cell.Encryption] {
			continue // on another target the same calls have other arguments
		}
		seen[cell.Scenario+cell.Encryption] = true
		k := kitOf(t, cell)
		k.Secrets, k.PKI = Secrets(SecretModes[i%3]), []string{"", "my pki"}[i%2]
		dir := write(t, k)
		for _, name := range []string{"apply.sh", "test.sh", "undo.sh"} {
			files = append(files, filepath.Join(dir, name))
		}
	}
	if out, err := exec.Command("shellcheck", append([]string{"-x"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	// It reads them, rather than nothing: what it knows to be a mistake is one.
	bad := filepath.Join(t.TempDir(), "bad.sh")
	if err := os.WriteFile(bad, []byte("#!/bin/sh\nrm $1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("shellcheck", bad).Run(); err == nil {
		t.Error("shellcheck lets a mistake pass")
	}
}
