package apiserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// A kitCluster is a cluster with stand-ins for its controllers, and a store of certificates.
type kitCluster struct {
	*plane.Plane
	target target
	store  string
	alone  func() // ends the stand-ins
}

// TestKits makes the kit of every scenario, on the newest target of each line, and runs its scripts: apply.sh against the
// real API server, again, which must change nothing, and undo.sh, which must leave nothing behind. In the same cluster,
// before its stand-ins act, requests are traced.
func TestKits(t *testing.T) {
	t.Parallel()
	for _, target := range targets {
		if !target.Newest {
			continue
		}
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			p := newestCluster(t, target)
			t.Run("traces", func(t *testing.T) { traceCluster(t, p, target) })
			c := newKitCluster(t, p, target)
			best := representative(t, target.Name)
			for _, id := range slices.Sorted(maps.Keys(best)) {
				scenario, of, _ := strings.Cut(id, " ")
				arguments := []string{scenario, "--encryption", best[id]}
				if of != "" { // one of two meshes, each with a cluster of its own
					arguments = append(arguments, "--mesh", of)
				}
				if scenario == "2b" && of != "" {
					arguments = append(arguments, "--set", "meshes[0].gateway.addresses=192.0.2.10")
				}
				if !t.Run(id+" "+best[id], func(t *testing.T) { c.judge(t, c.kit(t, arguments...)) }) {
					t.Fatal("the cluster is not as empty as the next kit needs it")
				}
			}
			if target.Name == "ossm-2.6" { // the default
				t.Run("README", c.readme)
			}
		})
	}
}

// newestCluster is a cluster of the target, control plane and all.
func newestCluster(t *testing.T, target target) *plane.Plane {
	t.Helper()
	skipWithoutCRDs(t, target)
	p, _ := clusterOf(t, target)
	return p
}

func newKitCluster(t *testing.T, p *plane.Plane, target target) kitCluster {
	t.Helper()
	stop := p.Controllers()
	alone := sync.OnceFunc(func() {
		if err := stop(); err != nil {
			t.Errorf("stand-ins: %v", err)
		}
	})
	t.Cleanup(alone)
	c := kitCluster{p, target, filepath.Join(t.TempDir(), "pki"), alone}
	if _, err := output(exec.Command(scenario, "certs", "init", "--intermediates", "--pki", c.store)); err != nil {
		t.Fatal(err)
	}
	return c
}

// representative is, of each scenario that the target supports, and of each mesh where it joins two, the encryption with the
// most to it.
func representative(t *testing.T, target string) map[string]string {
	t.Helper()
	rank := []string{"none", "passthrough", "simple", "mutual"}
	best := map[string]string{}
	for _, b := range cells(t) {
		if !slices.Contains(b.command, b.target.Name) {
			continue // of a mesh that is no Istio, for which there are no kits; it is only applied in this target's cluster
		}
		id, encryption, _ := strings.Cut(b.name, " ")
		encryption, mesh, joined := strings.Cut(encryption, " ")
		if joined {
			id += " " + mesh
		}
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

// readme runs the commands by which README.adoc leads from nothing to a scenario, each of them, and what test.sh says is
// wrong when the outside host is.
func (c kitCluster) readme(t *testing.T) {
	data, err := os.ReadFile("../../README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "[#kit]\n----\n")
	listing, _, _ := strings.Cut(rest, "----\n")
	commands, tried, ok := strings.Cut(listing, "kit/test.sh\n")
	if !ok || tried != "" || strings.Count(commands, "\n") != 4 {
		t.Fatalf("README.adoc has other commands: %q", listing)
	}
	bin, work := t.TempDir(), t.TempDir()
	if err := os.Symlink(scenario, filepath.Join(bin, "scenario")); err != nil {
		t.Fatal(err)
	}
	shell := func(commands string, environment ...string) (string, error) {
		shell := exec.Command("sh", "-eux", "-c", commands)
		shell.Dir = work
		shell.Env = append(c.Environment(), environment...)
		for i, one := range shell.Env {
			if path, ok := strings.CutPrefix(one, "PATH="); ok {
				shell.Env[i] = "PATH=" + bin + ":" + path
			}
		}
		out, err := shell.CombinedOutput()
		return string(out), err
	}
	arguments := c.ownOC(t, bin)
	before := c.all(t)
	said, err := shell(commands)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	environment := c.wire(t, bin)
	out, err := shell("kit/test.sh", environment...)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	log, err := os.ReadFile(arguments)
	if err != nil || !strings.Contains(string(log), "apply --server-side") {
		t.Fatalf("%v: oc is called with\n%s", err, log)
	}
	if key := tells(t, filepath.Join(work, "pki"), said+out+string(log)); key != "" {
		t.Errorf("a part of %s is in an argument or in what is printed", key)
	}
	if out, err := shell("kit/test.sh", environment[0], environment[2], "PORT=1"); err == nil || !strings.Contains(out, "FAILED: greeting.remote.com answers from outside") {
		t.Errorf("nobody answers from outside, and test.sh says\n%s", out)
	}
	if out, err := shell("kit/undo.sh"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if after := c.all(t); !equalKeys(before, after) {
		t.Errorf("undo.sh leaves %s", different(keys(before), keys(after)))
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
