package scenarios

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/mesh"
)

func meshesOf(t *testing.T, target, spec string) ([]*Plan, error) {
	t.Helper()
	drafts, err := Read(strings.NewReader("apiVersion: meshscenario.io/v1alpha1\nkind: Scenario\nspec: "+spec), "m.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return Resolve(drafts, target)
}

// TestSides: a definition that joins two meshes is a plan for each, of which one has the client; each knows the other.
func TestSides(t *testing.T) {
	for _, target := range mesh.Targets {
		for _, id := range []string{"2a", "2b"} {
			plans, err := Resolve([]*Draft{New(id)}, target.Name)
			if err != nil || len(plans) != 2 {
				t.Fatalf("%s on %s: %d plans, %v", id, target.Name, len(plans), err)
			}
			east, west := plans[0], plans[1]
			if east.Own.Name != "east" || east.Other != west.Own || west.Other != east.Own || east.Calls() || !west.Calls() {
				t.Errorf("%s on %s: sides %s and %s", id, target.Name, east.Own.Name, west.Own.Name)
			}
			if len(east.Clients) != 0 || len(west.Clients) != 1 || len(east.Links()) != 0 || len(west.Links()) != 1 {
				t.Errorf("%s on %s: clients or links on the wrong side", id, target.Name)
			}
			want := "rest-greeting-remote.greetings-service.svc.cluster.local"
			if target.Has(mesh.FederationCRs) {
				want = "rest-greeting-remote.greetings-service.svc.east-imports.local"
			}
			if got := west.Links()[0].Host; got != want {
				t.Errorf("%s on %s: callers dial %s, want %s", id, target.Name, got, want)
			}
			if together := target.Has(mesh.FederationCRs); west.Together() != together || west.Reached() != together {
				t.Errorf("%s on %s: together %v, reached %v", id, target.Name, west.Together(), west.Reached())
			}
			if n := len(Authorities(plans)); (n == 0) != target.Has(mesh.FederationCRs) {
				t.Errorf("%s on %s: %d authorities", id, target.Name, n)
			}
		}
	}
}

// TestLinks: aliases on both sides, a name of the caller's own cluster, and the share of the calls to it.
func TestLinks(t *testing.T) {
	plans, err := meshesOf(t, "ossm-2.6", `{scenario: 2a, split: {percent: 10}, meshes: [
	  {name: a, exports: [{namespace: n, name: s, as: {namespace: m, name: r}, port: 80}, {namespace: n, name: t}]},
	  {name: b, imports: [{namespace: m, name: r, as: {namespace: o, name: q}}, {namespace: n, name: t, local: true}]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	links := plans[1].Links()
	if links[0].Host != "q.o.svc.a-imports.local" || links[0].Export.Name != "s" || links[1].Host != "t.n.svc.cluster.local" || links[1].Export.Name != "t" {
		t.Errorf("got %+v", links)
	}
	if s := plans[1].Spec.Split; s.Mesh != "a" || s.Host != "q.greetings-client.svc.cluster.local" || *s.Percent != 10 || plans[0].Splits() || !plans[1].Splits() {
		t.Errorf("got %+v", s)
	}
}

// TestWrongMeshes: what cannot be joined is told, and never breaks down.
func TestWrongMeshes(t *testing.T) {
	for spec, want := range map[string]string{
		`{scenario: 2b, meshes: [{name: a}]}`:                                                                      "1 listed, but two are joined",
		`{scenario: 2b, meshes: [{name: a}, {name: b}, {name: c}]}`:                                                "3 listed",
		`{scenario: 2b, meshes: [{name: a}, {name: a}]}`:                                                           "both meshes are called a",
		`{scenario: 2a, meshes: [{name: a, exports: [{name: s}]}, {name: b}]}`:                                     "a service has a namespace and a name",
		`{scenario: 2a, meshes: [{name: a}, {name: b, imports: [{namespace: n, name: s}]}]}`:                       "mesh a exports no s.n",
		`{scenario: 2a, split: {mesh: c}}`:                                                                         `no mesh "c"`,
		`{scenario: 2a, mesh: {namespace: x}}`:                                                                     "each of the two meshes has its own",
		`{scenario: 2a, encryption: simple}`:                                                                       "by design",
		`{scenario: 2a, meshes: [{name: a, rootCertificate: "-----BEGIN CERTIFICATE-----\nx"}, {name: b}]}`:        "no PEM certificate in it",
		`{scenario: 2a, meshes: [{name: a, gateway: {addresses: [TODO]}}, {name: b}]}`:                             "neither an IP address nor a full host name",
		`{scenario: 2a, meshes: [{name: a-name-that-is-so-long-that-no-gateway-could-be-named-after}, {name: b}]}`: "more than 40 letters",
	} {
		for _, target := range []string{"ossm-2.6", "ossm-3.4", "istio-1.31"} {
			if _, err := meshesOf(t, target, spec); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s on %s: %v, want %q", spec, target, err, want)
			}
		}
	}
}

// TestWriteMeshes: what flags said of one mesh is read back as said, with the other in its place.
func TestWriteMeshes(t *testing.T) {
	d := New("2b")
	for _, set := range [][2]string{{"meshes[0].gateway.addresses", "192.0.2.10"}, {"meshes[0].exports[0].name", "s"}, {"meshes[0].exports[0].namespace", "n"}} {
		if err := d.Set(set[0], set[1], Position{Flag: "--set"}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := Write([]*Draft{d}, "istio-1.31")
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := Read(bytes.NewReader(text), "d.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plans, err := Resolve(drafts, mesh.Default)
	if err != nil || len(plans) != 2 || plans[0].Own.Exports[0].Name != "s" || plans[1].Own.Name != "west" {
		t.Errorf("%v\n%s", err, text)
	}
}
