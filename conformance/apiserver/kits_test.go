package apiserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// A kitCluster is a cluster with stand-ins for its controllers, and a store of certificates.
type kitCluster struct {
	*plane.Plane
	target target
	store  string
}

// TestKits makes the kit of every scenario, on the newest target of each line, and runs its scripts: apply.sh against the
// real API server, again, which must change nothing, and undo.sh, which must leave nothing behind.
func TestKits(t *testing.T) {
	t.Parallel()
	for _, target := range targets {
		if !target.Newest {
			continue
		}
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			c := newKitCluster(t, target)
			best := representative(t, target.Name)
			for _, id := range slices.Sorted(maps.Keys(best)) {
				if !t.Run(id+" "+best[id], func(t *testing.T) { c.judge(t, c.kit(t, id, "--encryption", best[id])) }) {
					t.Fatal("the cluster is not as empty as the next kit needs it")
				}
			}
		})
	}
}

func newKitCluster(t *testing.T, target target) kitCluster {
	t.Helper()
	skipWithoutCRDs(t, target)
	p, _ := clusterOf(t, target)
	stop := p.Controllers()
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("stand-ins: %v", err)
		}
	})
	c := kitCluster{p, target, filepath.Join(t.TempDir(), "pki")}
	if _, err := output(exec.Command(scenario, "certs", "init", "--pki", c.store)); err != nil {
		t.Fatal(err)
	}
	return c
}

// representative is, of each scenario that the target supports, the encryption with the most to it.
func representative(t *testing.T, target string) map[string]string {
	t.Helper()
	rank := []string{"none", "passthrough", "simple", "mutual"}
	best := map[string]string{}
	for _, b := range cells(t) {
		id, encryption, _ := strings.Cut(b.name, " ")
		if b.target.Name == target && slices.Index(rank, encryption) > slices.Index(rank, best[id]) {
			best[id] = encryption
		}
	}
	return best
}

// skipWithoutCRDs skips where the CRDs of the control plane are not at hand.
func skipWithoutCRDs(t *testing.T, target target) {
	t.Helper()
	api := map[string]string{"ServiceMeshControlPlane": "maistra.io/v2", "Istio": "sailoperator.io/v1"}[target.ControlPlane]
	if why := missingCRDs(plane.Object{"apiVersion": api, "kind": target.ControlPlane}); why != "" {
		t.Skip(why)
	}
}

// kit makes a kit, and the certificates that it needs.
func (c kitCluster) kit(t *testing.T, arguments ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "kit's folder") // whose name scripts must quote
	bootstrap := append([]string{"bootstrap", "--target", c.target.Name, "--to", dir}, arguments...)
	if _, err := output(exec.Command(scenario, bootstrap...)); err != nil {
		t.Fatal(err)
	}
	if _, err := output(exec.Command(scenario, "certs", "issue", "-f", filepath.Join(dir, "definition.yaml"), "--include", "all", "--pki", c.store)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a script of a kit, and gives all that it says.
func (c kitCluster) run(dir, name string, environment ...string) (string, error) {
	command := exec.Command("sh", filepath.Join(dir, name))
	command.Env = append(c.Environment(), append([]string{"SCENARIO=" + scenario, "PKI=" + c.store, "TIMEOUT=20"}, environment...)...)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	err := command.Run()
	return said.String(), err
}

// must runs a script that must succeed.
func (c kitCluster) must(t *testing.T, dir, name string, environment ...string) string {
	t.Helper()
	said, err := c.run(dir, name, environment...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", strings.Join(environment, " "), name, err, said)
	}
	return said
}

// refuses runs a script that must stop, and say why.
func (c kitCluster) refuses(t *testing.T, dir, name, why string, environment ...string) {
	t.Helper()
	if said, err := c.run(dir, name, environment...); exitCode(err) != 1 || !strings.Contains(said, why) {
		t.Fatalf("%s %s: %v, expected %q:\n%s", strings.Join(environment, " "), name, err, why, said)
	}
}

// all are the objects of the cluster.
func (c kitCluster) all(t *testing.T) map[string]string {
	t.Helper()
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// judge applies a kit twice, and undoes it.
func (c kitCluster) judge(t *testing.T, dir string) {
	before := c.all(t)
	chart := c.chart(t, dir)
	first := c.must(t, dir, "apply.sh")
	once := c.all(t)
	if len(once) == len(before) {
		t.Fatalf("nothing is made:\n%s", first)
	}
	second := c.must(t, dir, "apply.sh")
	if twice := c.all(t); !maps.Equal(once, twice) {
		t.Errorf("the second run changes %s\n%s", different(once, twice), second)
	}
	if strings.Contains(first, "not waited for") {
		t.Errorf("it does not wait:\n%s", first)
	}
	if chart != nil {
		c.refuses(t, dir, "undo.sh", "holds what this kit did not make: Deployment/istiod")
		if err := c.Delete(chart); err != nil {
			t.Fatal(err)
		}
	}
	undone := c.must(t, dir, "undo.sh")
	if after := c.all(t); !equalKeys(before, after) {
		t.Errorf("undo.sh leaves %s\n%s", different(keys(before), keys(after)), undone)
	}
}

// chart installs istiod when apply.sh asks for it, as people do by its chart, where that is how it is installed.
func (c kitCluster) chart(t *testing.T, dir string) plane.Object {
	t.Helper()
	if c.target.ControlPlane != "Helm" {
		return nil
	}
	c.refuses(t, dir, "apply.sh", "helm upgrade --install istiod istiod")
	labels := map[string]any{"app": "istiod"}
	chart := plane.Object{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "istiod", "namespace": "istio-system"},
		"spec": map[string]any{"selector": map[string]any{"matchLabels": labels}, "template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "discovery", "image": "none"}}},
		}},
	}
	if err := c.Create(chart); err != nil {
		t.Fatal(err)
	}
	return chart
}

func keys(all map[string]string) map[string]string {
	only := map[string]string{}
	for key := range all {
		only[key] = ""
	}
	return only
}

func equalKeys(a, b map[string]string) bool { return maps.Equal(keys(a), keys(b)) }

// different names what two lists of objects do not share.
func different(a, b map[string]string) string {
	var names []string
	for key := range maps.Keys(a) {
		if version, there := b[key]; !there {
			names = append(names, "-"+key)
		} else if version != a[key] {
			names = append(names, fmt.Sprintf("%s (%s, %s)", key, a[key], version))
		}
	}
	for key := range maps.Keys(b) {
		if _, there := a[key]; !there {
			names = append(names, "+"+key)
		}
	}
	slices.Sort(names)
	text, _ := json.Marshal(names)
	return string(text)
}
