package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/migrate"
	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// TestMigrateRendered migrates what is rendered for OpenShift Service Mesh 2: each cell alone and with all that belongs to
// it, the variants of the examples and the odd parameters. The new bundle must be found clean, and requests must go as
// before, hop for hop, but for what the report tells of.
func TestMigrateRendered(t *testing.T) {
	t.Chdir("../../examples")
	requests, differences := 0, 0
	commands := oldCommands(t)
	for _, args := range commands {
		name := strings.Join(args, " ")
		var out, errOut bytes.Buffer
		if status := run(args, strings.NewReader(""), &out, &errOut); status != exitDone {
			t.Fatalf("scenario %s: exit %d\n%s", name, status, errOut.String())
		}
		from, _ := mesh.Lookup(args[len(args)-1])
		r := migrated(t, name, out.String(), from, "ossm-3.4")
		requests += r.Requests
		for _, d := range r.Differences {
			differences++
			if d.Because == nil {
				t.Errorf("scenario %s: %s to %s: hop %d, %s: %q is %q, and no entry of the report tells why", name, d.Request.From, d.Request.To, d.Hop, d.What, d.Before, d.After)
			}
		}
	}
	if len(commands) < 250 || requests < len(commands)/2 {
		t.Errorf("%d bundles and %d requests: more are rendered", len(commands), requests)
	}
	t.Logf("%d bundles, %d requests, %d differences", len(commands), requests, differences)
}

// oldCommands render all that there is for OpenShift Service Mesh 2. The target comes last.
func oldCommands(t *testing.T) [][]string {
	t.Helper()
	var all [][]string
	for _, c := range scenarios.Matrix() {
		if from, _ := mesh.Lookup(c.Target); c.Supported && from.ControlPlane == mesh.SMCP {
			meshes := [][]string{nil}
			if strings.HasPrefix(c.Scenario, "2") { // each owner migrates their own
				meshes = [][]string{{"--mesh", "east"}, {"--mesh", "west"}}
			}
			for _, one := range meshes {
				args := append([]string{"render", c.Scenario, "--encryption", c.Encryption}, one...)
				all = append(all,
					append(slices.Clone(args), "--target", c.Target),
					append(slices.Clone(args), "--include", "all", "--target", c.Target))
			}
		}
	}
	for _, file := range []string{"variants.txt", "../cmd/scenario/testdata/odd.txt"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if name, args, ok := strings.Cut(line, ": "); ok && file == "variants.txt" {
				both := strings.HasPrefix(args, "render 2") && !strings.Contains(args, "--mesh") // of two owners, who migrate each their own
				if strings.Contains(name, "ossm-2.6") && !both {
					all = append(all, append(strings.Fields(args), "--target", "ossm-2.6"))
				}
				continue
			}
			all = append(all, append(strings.Fields(line), "--target", "ossm-2.1"), append(strings.Fields(line), "--target", "ossm-2.6"))
		}
	}
	return all
}

// migrated is what comes of a bundle, which must be found clean.
func migrated(t *testing.T, name, text string, from mesh.Target, target string) *migrate.Result {
	t.Helper()
	to, _ := mesh.Lookup(target)
	b, err := bundle.Read("bundle.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	r, err := migrate.Run(b, migrate.Options{From: from, To: to, NetworkPolicies: true})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var out strings.Builder
	if err := r.Bundle.YAML(&out, true); err != nil {
		t.Fatal(err)
	}
	again, err := bundle.Read("migrated.yaml", strings.NewReader(out.String()))
	if err != nil {
		t.Fatalf("%s: what was written cannot be read: %v", name, err)
	}
	found, err := validate.Run(again, validate.Options{Target: to, Rules: rules.All})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, f := range found.Findings {
		if f.Severity.AtLeast(validate.Warning) {
			t.Errorf("%s: on %s: %s %s: %s", name, target, f.Rule, f.Object, f.Message)
		}
	}
	return r
}
