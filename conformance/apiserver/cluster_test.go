package apiserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// readBackCells are what is applied and traced in the cluster, with everything that it can bring.
var readBackCells = []struct{ scenario, encryption string }{
	{"1a", "simple"}, {"1a", "mutual"}, {"1b", "none"}, {"1b", "mutual"}, {"1b", "passthrough"}, {"expose", "mutual"}, {"redirect", "simple"},
}

// traceCluster applies bundles, with the Secrets that they need, and traces all their requests through the cluster: each hop must be as the files tell it,
// for an administrator, for who may look into some namespaces only, and by the files over a cluster that is empty. Who may
// not read a kind is told so.
func traceCluster(t *testing.T, p *plane.Plane, target target) {
	for _, cell := range readBackCells {
		b := bundle{
			name:    cell.scenario + " " + cell.encryption,
			command: []string{"render", cell.scenario, "--encryption", cell.encryption, "--target", target.Name, "--include", "all"},
			target:  target,
		}
		r, err := b.render()
		if err != nil {
			t.Fatal(err)
		}
		withSecrets(t, &r, target.Name)
		t.Run(b.name, func(t *testing.T) {
			faults, err := inEmptyCluster(p, r, func(p *plane.Plane, r rendered) []string { return traceBoth(t, p, r, target.Name) })
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults {
				t.Errorf("%s: %s", b, fault)
			}
		})
	}
}

// withSecrets adds the Secrets that the files' traces assume: of a cluster that was read whole, none is.
func withSecrets(t *testing.T, r *rendered, target string) {
	t.Helper()
	command := exec.Command(scenario, "trace", "--all", "-o", "json", "--target", target)
	command.Stdin = strings.NewReader(r.yaml)
	out, err := output(command)
	if err != nil {
		t.Fatal(err)
	}
	added := map[string]bool{}
	for _, m := range assumedSecret.FindAllStringSubmatch(out, -1) {
		if added[m[0]] {
			continue
		}
		added[m[0]] = true
		secret := plane.Object{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"namespace": m[1], "name": m[2]},
			"data": map[string]any{"tls.crt": "eA==", "tls.key": "eA==", "ca.crt": "eA=="},
		}
		r.objects = append(r.objects, secret)
		r.yaml += "---\n" + asJSON(secret) + "\n"
	}
}

var assumedSecret = regexp.MustCompile(`"Secret ([^/"]+)/([^"]+)"`)

// traceBoth is a way to hand a bundle to a cluster: it is traced from there too.
func traceBoth(t *testing.T, p *plane.Plane, r rendered, target string) []string {
	file := filepath.Join(p.Dir, yamlFile)
	trace := func(args ...string) ([]any, string) {
		t.Helper()
		command := exec.Command(scenario, append([]string{"trace", "--all", "-o", "json", "--target", target}, args...)...)
		var said strings.Builder
		command.Stderr = &said
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", strings.Join(command.Args, " "), err, said.String())
		}
		var paths []any
		if err := json.Unmarshal(out, &paths); err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			forget(path)
		}
		return paths, said.String()
	}
	want, _ := trace(file)
	if len(want) == 0 {
		return []string{"no request"}
	}
	var faults []string
	compare := func(how string, wantSaid string, args ...string) {
		t.Helper()
		got, said := trace(args...)
		if !reflect.DeepEqual(got, want) {
			faults = append(faults, fmt.Sprintf("%s: traced otherwise: %s\nby the files: %s", how, asJSON(got), asJSON(want)))
		}
		if said != wantSaid {
			faults = append(faults, fmt.Sprintf("%s: it said %q", how, said))
		}
	}
	compare("files over an empty cluster", "", "--kubeconfig", p.Kubeconfig(), file)
	if faults, done := apply(p, yamlFile, "--server-side"); !done {
		return faults
	}
	compare("cluster", "", "--kubeconfig", p.Kubeconfig(), "--context", "testplane")

	var chosen []string
	namespaces := map[string]bool{}
	for _, o := range r.objects {
		if n := o.Namespace(); n != "" && !namespaces[n] {
			namespaces[n] = true
			chosen = append(chosen, "-n", n)
		}
	}
	compare("namespaces", "", append(chosen, "--kubeconfig", p.Kubeconfig())...)
	limited, err := viewer(p, namespaces)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for n := range namespaces {
			if _, _, err := p.Kubectl("delete", "role,rolebinding", "viewer", "-n", n); err != nil {
				t.Error(err)
			}
		}
	}()
	args := append(chosen, "--kubeconfig", limited)
	_, said := trace(args...)
	for _, unread := range []string{"Secret of namespace ", "ClusterRole.rbac.authorization.k8s.io: forbidden"} {
		if !strings.Contains(said, "scenario: not read: "+unread) {
			faults = append(faults, "who may not read it is not told so: "+unread+": "+said)
		}
	}
	if out, err := exec.Command(scenario, "trace", "--all", "--kubeconfig", limited).CombinedOutput(); exitCode(err) != 4 || !strings.Contains(string(out), "nothing of it may be listed") {
		faults = append(faults, fmt.Sprintf("all namespaces, for who may not: %v: %s", err, out))
	}
	return faults
}

func exitCode(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return -1
}

// viewer makes somebody who may read namespaces but for their Secrets, and nothing outside; and their kubeconfig.
func viewer(p *plane.Plane, namespaces map[string]bool) (kubeconfig string, err error) {
	oc := func(args ...string) string {
		if err != nil {
			return ""
		}
		var out string
		out, _, err = p.Kubectl(args...)
		return out
	}
	if out := oc("get", "serviceaccount", "viewer", "-n", "default", "--ignore-not-found", "-o", "name"); out == "" {
		oc("create", "serviceaccount", "viewer", "-n", "default")
	}
	for n := range maps.Keys(namespaces) {
		role := fmt.Sprintf(`{"apiVersion": "v1", "kind": "List", "items": [
{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "viewer", "namespace": %[1]q}, "rules": [
 {"apiGroups": ["networking.istio.io", "security.istio.io", "telemetry.istio.io", "apps", "batch", "maistra.io", "federation.maistra.io", "route.openshift.io", "gateway.networking.k8s.io"], "resources": ["*"], "verbs": ["get", "list"]},
 {"apiGroups": [""], "resources": ["services", "configmaps", "pods", "serviceaccounts"], "verbs": ["get", "list"]}]},
{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "viewer", "namespace": %[1]q},
 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "viewer"},
 "subjects": [{"kind": "ServiceAccount", "name": "viewer", "namespace": "default"}]}]}`, n)
		if err == nil {
			err = os.WriteFile(filepath.Join(p.Dir, "viewer.json"), []byte(role), 0o600)
		}
		oc("apply", "-f", "viewer.json")
	}
	token := strings.TrimSpace(oc("create", "token", "viewer", "-n", "default"))
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(p.Kubeconfig())
	if err != nil {
		return "", err
	}
	config, err := plane.Decode(data)
	if err != nil {
		return "", err
	}
	config["users"] = []any{map[string]any{"name": "admin", "user": map[string]any{"token": token}}}
	kubeconfig = filepath.Join(p.Dir, "viewer.kubeconfig")
	return kubeconfig, os.WriteFile(kubeconfig, []byte(asJSON(config)), 0o600)
}

// forget drops what a cluster gives that files do not have: places, and the addresses of Services, by which listeners
// are named too.
func forget(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"file", "line", "column", "listener", "address"} {
			delete(v, key)
		}
		for _, child := range v {
			forget(child)
		}
	case []any:
		for _, child := range v {
			forget(child)
		}
	}
}
