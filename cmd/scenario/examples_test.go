package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

var update = flag.Bool("update", false, "write the examples and the expectations of scripts anew")

// An example is a file of ../../examples: what one command prints.
type example struct {
	file string
	args []string
}

// exampleTargets are those whose cells are kept: the newest of each line of Istio, the oldest of all, and what is no Istio.
func exampleTargets() []string {
	names := []string{mesh.Targets[0].Name}
	for _, t := range slices.Concat(mesh.Newest(), mesh.Others) {
		names = append(names, t.Name)
	}
	return names
}

// examples are every supported cell, and the variants of variants.txt.
func examples(t *testing.T) []example {
	var all []example
	targets := exampleTargets()
	for _, c := range scenarios.Matrix() {
		if !c.Supported || !slices.Contains(targets, c.Target) {
			continue
		}
		args := []string{"render", c.Scenario, "--encryption", c.Encryption, "--target", c.Target}
		if len(c.Meshes) == 0 {
			all = append(all, example{file: filepath.Join(c.Scenario, c.Encryption, c.Target+".yaml"), args: args})
		}
		for _, mesh := range c.Meshes {
			of := append(slices.Clone(args), "--mesh", mesh)
			if c.Scenario == "2b" {
				of = append(of, "--set", "meshes[0].gateway.addresses=192.0.2.10")
			}
			all = append(all, example{file: filepath.Join(c.Scenario, c.Encryption, c.Target, mesh+".yaml"), args: of})
		}
	}
	data, err := os.ReadFile("../../examples/variants.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		file, args, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("variants.txt: %q is not FILE: ARGUMENTS", line)
		}
		all = append(all, example{file: file, args: strings.Fields(args)})
	}
	return all
}

// TestExamples holds every file of ../../examples against what its command prints now, twice, and refuses files that
// nothing makes. With -update it writes them.
func TestExamples(t *testing.T) {
	t.Chdir("../../examples")
	made := map[string]bool{"README.adoc": true, "variants.txt": true}
	for _, e := range examplesFrom(t) {
		made[e.file] = true
		for _, arg := range e.args {
			// A file that a command reads: -f FILE, or --set-file field=FILE.
			made[arg[strings.Index(arg, "=")+1:]] = true
		}
		args := append(slices.Clone(e.args), "--annotate")
		text := renderExample(t, e, args)
		if again := renderExample(t, e, args); !bytes.Equal(text, again) {
			t.Errorf("%s: the same command gave other bytes the second time", e.file)
		}
		if *update {
			if err := os.MkdirAll(filepath.Dir(e.file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(e.file, text, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(e.file)
		if err != nil {
			t.Errorf("%v; make update writes it", err)
		} else if !bytes.Equal(text, want) {
			t.Errorf("%s is not what scenario %s prints; make update writes it anew, then read the difference", e.file, strings.Join(args, " "))
		}
	}
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err == nil && path == "bookinfo" { // written by hand, with tests of its own
			return filepath.SkipDir
		}
		if err == nil && !entry.IsDir() && !made[path] {
			t.Errorf("examples/%s: no command makes this file", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// examplesFrom reads the list from within the folder.
func examplesFrom(t *testing.T) []example {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../cmd/scenario")
	defer t.Chdir(here)
	return examples(t)
}

// renderExample is the file: the command as a comment, what the mesh must have, and the manifests.
func renderExample(t *testing.T, e example, args []string) []byte {
	t.Helper()
	var out, errOut bytes.Buffer
	if status := run(args, strings.NewReader(""), &out, &errOut); status != exitDone {
		t.Fatalf("scenario %s: exit %d\n%s", strings.Join(args, " "), status, errOut.String())
	}
	var text bytes.Buffer
	text.WriteString("# scenario " + strings.Join(e.args, " ") + "\n")
	for _, line := range strings.Split(strings.TrimSpace(errOut.String()), "\n") {
		if line != "" {
			text.WriteString("# " + line + "\n")
		}
	}
	text.Write(out.Bytes())
	return text.Bytes()
}

// renderVariants renders the variants of the examples as bundles.
func renderVariants(t *testing.T, check func(name string, target mesh.Target, b *bundle.Bundle)) {
	t.Helper()
	t.Chdir("../../examples")
	for _, e := range examplesFrom(t) {
		if !strings.HasPrefix(e.file, "variants/") {
			continue
		}
		b, _ := bundleOf(t, e.file, append(slices.Clone(e.args), "-o", "json"))
		check(e.file, mesh.Target{}, b)
	}
}
