package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A snippet is a file of ci/ or the hook, with the script in it that calls the command, and what the script writes.
var snippets = []struct {
	file   string
	script func(t *testing.T, tree any) string
	env    []string
	writes []string
}{
	{"ci/github.yaml", func(t *testing.T, tree any) string { return in(t, tree, "jobs", "validate", "steps", 3, "run") },
		[]string{"GITHUB_STEP_SUMMARY=step.md"}, []string{"scenario.sarif", "summary.md", "step.md"}},
	{"ci/gitlab.yaml", func(t *testing.T, tree any) string { return in(t, tree, "mesh", "script", 0) },
		nil, []string{"scenario.json", "scenario.xml"}},
	{"ci/tekton.yaml", func(t *testing.T, tree any) string { return in(t, tree, "spec", "steps", 0, "script") },
		[]string{"MANIFESTS=manifests"}, []string{"scenario.xml"}},
	{".pre-commit-hooks.yaml", func(t *testing.T, tree any) string { return in(t, tree, 0, "entry") + " manifests/*.yaml" }, nil, nil},
}

// in is a text within plain values.
func in(t *testing.T, tree any, path ...any) string {
	t.Helper()
	for _, step := range path {
		switch s := step.(type) {
		case int:
			tree = tree.([]any)[s]
		case string:
			tree = tree.(map[string]any)[s]
		}
	}
	return tree.(string)
}

// TestSnippets runs the scripts of the files for CI, with manifests that are right and with ones that are wrong.
func TestSnippets(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "scenario"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	good, err := os.ReadFile("../../examples/1b/mutual/ossm-3.4.yaml")
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(good), "sni: greeting.remote.com", "sni: greeting.remote.org", 1)
	if bad == string(good) {
		t.Fatal("the example has no such sni")
	}
	for _, s := range snippets {
		data, err := os.ReadFile(filepath.Join("../..", s.file))
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := yaml.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			name, manifest string
			status         int
		}{{"good", string(good), 0}, {"bad", bad, exitFindings}} {
			t.Run(s.file+"/"+one.name, func(t *testing.T) {
				dir := t.TempDir()
				if err := os.Mkdir(filepath.Join(dir, "manifests"), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "manifests", "egress.yaml"), []byte(one.manifest), 0o644); err != nil {
					t.Fatal(err)
				}
				c := exec.Command("sh", "-e", "-c", s.script(t, tree))
				c.Dir = dir
				c.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "SCENARIO_TARGET=ossm-3.4")
				c.Env = append(c.Env, s.env...)
				out, err := c.CombinedOutput()
				status := 0
				var exit *exec.ExitError
				if errors.As(err, &exit) {
					status = exit.ExitCode()
				} else if err != nil {
					t.Fatal(err)
				}
				if status != one.status {
					t.Errorf("status %d, want %d\n%s", status, one.status, out)
				}
				for _, f := range s.writes {
					if info, err := os.Stat(filepath.Join(dir, f)); err != nil || info.Size() == 0 {
						t.Errorf("%s: not written: %v", f, err)
					}
				}
			})
		}
	}
}
