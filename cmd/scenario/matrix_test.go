package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

// TestMatrix walks every scenario, encryption and target: what list calls supported renders, the same bytes twice, and
// every other cell is refused with exit 2 and the reason that list gives.
func TestMatrix(t *testing.T) {
	supported := 0
	for _, c := range scenarios.Matrix() {
		name := c.Scenario + "/" + c.Encryption + "/" + c.Target
		for _, args := range renderings(c) {
			var out, errOut, again bytes.Buffer
			status := run(args, strings.NewReader(""), &out, &errOut)
			switch {
			case c.Supported && status != exitDone:
				t.Errorf("%s: list says supported, render exits %d: %s", name, status, errOut.String())
			case c.Supported:
				supported++
				if run(args, strings.NewReader(""), &again, &errOut); !bytes.Equal(out.Bytes(), again.Bytes()) {
					t.Errorf("%s: other bytes the second time", name)
				}
				if out.Len() == 0 {
					t.Errorf("%s: nothing rendered", name)
				}
			case status != exitUsage:
				t.Errorf("%s: list refuses it, render exits %d", name, status)
			case out.Len() > 0:
				t.Errorf("%s: refused, yet something on stdout", name)
			case c.Reason == "" || !strings.HasPrefix(c.Reason, firstMessage(errOut.String())):
				t.Errorf("%s: list says %q, render says %q", name, c.Reason, errOut.String())
			}
		}
	}
	// 17 cells of one mesh and two of joined ones, each with its own parts and with all. Where the two meshes have clusters
	// of their own, each of them is rendered.
	want := 19 * len(mesh.Targets) * 2
	for _, target := range mesh.Targets {
		if !target.Has(mesh.FederationCRs) {
			want += 2 * 2
		}
	}
	want += (2 + 3) * 2 // of Contrast: 1a and enroll; of Tyk: enroll in three encryptions
	if supported != want {
		t.Errorf("%d cells rendered, want %d", supported, want)
	}
}

// renderings are the commands that render a cell: its default parts, and all; where its meshes are rendered one at a time,
// each of them, and where calls to the other are led by its address, with one.
func renderings(c scenarios.Cell) [][]string {
	var all [][]string
	for _, include := range [][]string{nil, {"--include", "all"}} {
		args := append([]string{"render", c.Scenario, "--encryption", c.Encryption, "--target", c.Target}, include...)
		for _, mesh := range c.Meshes {
			of := append(slices.Clone(args), "--mesh", mesh)
			if c.Scenario == "2b" {
				of = append(of, "--set", "meshes[0].gateway.addresses=192.0.2.10")
			}
			all = append(all, of)
		}
		if len(c.Meshes) == 0 {
			all = append(all, args)
		}
	}
	return all
}

func firstMessage(stderr string) string {
	line, _, _ := strings.Cut(stderr, "\n")
	return strings.TrimPrefix(line, "scenario: ")
}

// renderAll renders every supported cell on every target with every part.
func renderAll(t *testing.T, check func(name string, target mesh.Target, b *bundle.Bundle)) {
	t.Helper()
	for _, c := range scenarios.Matrix() {
		if !c.Supported {
			continue
		}
		d := scenarios.New(c.Scenario)
		d.Definition.Spec.Encryption = c.Encryption
		if c.Scenario == "2b" && len(c.Meshes) > 0 {
			if err := d.Set("meshes[0].gateway.addresses", "192.0.2.10", scenarios.Position{Flag: "--set"}); err != nil {
				t.Fatal(err)
			}
		}
		plans, err := scenarios.Resolve([]*scenarios.Draft{d}, c.Target)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sides(plans) {
			b, err := generator.Render(s.plans, generator.Options{Parts: scenarios.Parts, Why: true})
			if err != nil {
				t.Fatal(err)
			}
			check(strings.TrimSuffix(c.Scenario+"/"+c.Encryption+"/"+c.Target+"/"+s.mesh, "/"), plans[0].Target, b)
		}
	}
}

// TestEveryObject holds what every rendered object promises: a strict typed form, an explicit namespace unless its kind
// has none, the labels, the API version that the target serves, a reason, and a name that is a DNS label.
func TestEveryObject(t *testing.T) {
	clusterScoped := map[string]bool{"Namespace": true, "Istio": true, "IstioCNI": true, "MutatingWebhookConfiguration": true}
	renderAll(t, func(name string, target mesh.Target, b *bundle.Bundle) {
		seen := map[bundle.ID]bool{}
		for _, o := range b.Objects {
			if typed, err := o.Typed(); err != nil || typed == nil {
				t.Errorf("%s: %s: typed form %v, %v", name, o.ID, typed, err)
			}
			if seen[o.ID] {
				t.Errorf("%s: %s twice", name, o.ID)
			}
			seen[o.ID] = true
			if (o.Namespace == "") != clusterScoped[o.Kind] {
				t.Errorf("%s: %s: namespace %q", name, o.ID, o.Namespace)
			}
			if len(o.Name) > 63 {
				t.Errorf("%s: %s: name longer than 63", name, o.ID)
			}
			if o.Why == "" {
				t.Errorf("%s: %s: no reason", name, o.ID)
			}
			labels, _ := o.Tree()["metadata"].(map[string]any)["labels"].(map[string]any)
			for _, l := range []string{"app.kubernetes.io/managed-by", "meshscenario.io/scenario", "meshscenario.io/name"} {
				if labels[l] == nil {
					t.Errorf("%s: %s: no label %s", name, o.ID, l)
				}
			}
			if group, version, _ := strings.Cut(o.APIVersion, "/"); strings.HasSuffix(group, "istio.io") && version != target.IstioAPI() {
				t.Errorf("%s: %s: %s, but the target serves %s", name, o.ID, o.APIVersion, target.IstioAPI())
			}
		}
	})
}
