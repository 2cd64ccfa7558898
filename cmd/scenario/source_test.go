package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/cluster"
)

// held is a cluster that holds the objects of files, and the kubeconfig that leads there. What answers first decides.
func held(t *testing.T, first func(w http.ResponseWriter, r *http.Request) bool, files ...string) (kubeconfig string) {
	t.Helper()
	b, err := bundle.Load(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	type tree = map[string]any
	lists := map[string][]any{}
	kinds := map[string]map[string]tree{"v1": {}}
	groups := map[string]bool{}
	for i, o := range b.Objects {
		path := "/apis/" + o.APIVersion
		if group, _, ok := strings.Cut(o.APIVersion, "/"); ok {
			groups[group] = true
		} else {
			path = "/api/v1"
		}
		if kinds[o.APIVersion] == nil {
			kinds[o.APIVersion] = map[string]tree{}
		}
		plural := strings.ToLower(o.Kind)
		kinds[o.APIVersion][o.Kind] = tree{"kind": o.Kind, "name": plural, "namespaced": o.Namespace != "", "verbs": []string{"list"}}
		object := o.Tree()
		object["metadata"].(tree)["creationTimestamp"] = fmt.Sprintf("2026-01-02T%02d:%02d:%02dZ", i/3600, i/60%60, i%60)
		lists[path+"/"+plural] = append(lists[path+"/"+plural], object)
		delete(object, "apiVersion")
		delete(object, "kind")
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first != nil && first(w, r) {
			return
		}
		apiVersion := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/apis/"), "/api/")
		var answer tree
		switch {
		case r.URL.Path == "/apis":
			var list []tree
			for group := range groups {
				var versions []tree
				for apiVersion := range kinds {
					if strings.HasPrefix(apiVersion, group+"/") {
						versions = append(versions, tree{"groupVersion": apiVersion})
					}
				}
				list = append(list, tree{"name": group, "versions": versions})
			}
			answer = tree{"groups": list}
		case kinds[apiVersion] != nil:
			var resources []tree
			for _, r := range kinds[apiVersion] {
				resources = append(resources, r)
			}
			answer = tree{"resources": resources}
		default:
			answer = tree{"items": lists[r.URL.Path]}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: lab, users: [{name: u, user: {}}],
contexts: [{name: lab, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: %q}}]}`, s.URL)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// assumption finds what a trace of files counts on and a whole cluster would have to hold.
var assumption = regexp.MustCompile(`"(Secret|ServiceAccount) ([^/"]+)/([^ "]+)[^"]*"`)

// supplement writes what the traces of a file assume into a file, for a cluster that holds all that it has.
func supplement(t *testing.T, file, target string) string {
	t.Helper()
	traced, _ := called(t, exitDone, "trace", "--all", "-o", "json", "--target", target, file)
	var text strings.Builder
	for _, m := range assumption.FindAllStringSubmatch(traced, -1) {
		switch kind, namespace, name := m[1], m[2], m[3]; kind {
		case "Secret":
			fmt.Fprintf(&text, "{apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: %s}, data: {tls.crt: eA==, tls.key: eA==, ca.crt: eA==}}\n---\n", name, namespace)
		case "ServiceAccount":
			fmt.Fprintf(&text, `
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: %[1]s, namespace: %[2]s},
 rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: %[1]s, namespace: %[2]s},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %[1]s}, subjects: [{kind: ServiceAccount, name: %[1]s, namespace: %[2]s}]}
---
`, name, namespace)
		}
	}
	more := filepath.Join(t.TempDir(), "supplement.yaml")
	if err := os.WriteFile(more, []byte(text.String()+"{apiVersion: v1, kind: Namespace, metadata: {name: elsewhere}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return more
}

// called runs the program.
func called(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	if status := run(args, strings.NewReader("- this is no manifest"), &out, &errOut); status != want {
		t.Errorf("scenario %s: exit %d, want %d\n%s", strings.Join(args, " "), status, want, errOut.String())
	}
	return out.String(), errOut.String()
}

// places are what differs between a file and a cluster that holds the same.
var places = regexp.MustCompile(`,?\s*"(file|line|column)": ("[^"]*"|\d+)`)

// TestTraceCluster: a cluster tells what the files told that were applied to it.
func TestTraceCluster(t *testing.T) {
	t.Setenv("SCENARIO_TARGET", "")
	for _, example := range []string{
		"1a/mutual/ossm-2.6", "1b/mutual/ossm-3.4", "1b/passthrough/istio-1.31", "expose/mutual/ossm-2.6", "redirect/simple/ossm-3.4",
	} {
		file := "../../examples/" + example + ".yaml"
		ask := []string{"trace", "--all", "-o", "json", "--target", filepath.Base(example)}
		more := supplement(t, file, filepath.Base(example))
		want, _ := called(t, exitDone, append(ask, file, more)...)
		got, stderr := called(t, exitDone, append(ask, "--kubeconfig", held(t, nil, file, more))...)
		if stderr != "" || strings.Contains(got, file) || !strings.Contains(got, `"file": "cluster:lab/`) {
			t.Errorf("%s: %s%s", example, stderr, got)
		}
		var a, b any
		if err := json.Unmarshal([]byte(places.ReplaceAllString(want, "")), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(places.ReplaceAllString(got, "")), &b); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s:\n%s\nof the cluster:\n%s", example, want, got)
		}
	}
}

// TestOverlay: files named besides count as applied: what is of one name is replaced.
func TestOverlay(t *testing.T) {
	t.Setenv("COLUMNS", "")
	file := "../../examples/1a/mutual/ossm-2.6.yaml"
	kubeconfig := held(t, nil, file, supplement(t, file, "ossm-2.6"))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.yaml")
	if err := os.WriteFile(changed, bytes.ReplaceAll(text, []byte("mode: MUTUAL"), []byte("mode: DISABLE")), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := []string{"trace", "--to", "http://greeting.remote.com", "--kubeconfig", kubeconfig}
	if now, _ := called(t, exitDone, ask...); !strings.Contains(now, "✓ arrives") || !strings.Contains(now, "decided by   ServiceEntry greetings-client/") {
		t.Error(now)
	}
	if then, _ := called(t, exitDone, append(ask, changed)...); strings.Contains(then, "arrives") || !strings.Contains(then, "changed.yaml:") {
		t.Error(then)
	}
	// A cluster that was read whole has no Secret that it does not hold.
	then, _ := called(t, exitDone, "trace", "--to", "http://greeting.remote.com", "--kubeconfig", held(t, nil, "../../examples/1b/mutual/ossm-3.4.yaml"), "--target", "ossm-3.4")
	if !strings.Contains(then, "✗") || !strings.Contains(then, "is not there") && !strings.Contains(then, "may not list") {
		t.Error(then)
	}
}

// TestNoSecret: whatever is printed, of whatever is wrong, there is nothing of a Secret in it.
func TestNoSecret(t *testing.T) {
	const secret = "correct-horse-battery-staple"
	data := base64.StdEncoding.EncodeToString([]byte(secret))
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	text := fmt.Sprintf(`
{apiVersion: v1, kind: Secret, metadata: {name: greeting-client-secret, namespace: greetings-client, annotations: {
 kubectl.kubernetes.io/last-applied-configuration: %[1]q}}, data: {tls.crt: %[2]q, tls.key: %[2]q, ca.crt: %[2]q}}
---
{apiVersion: v1, kind: Secret, metadata: {name: odd, namespace: greetings-client}, data: {a: %[2]q, b: [%[2]q]}, %[1]s: 1, immutable: no-%[1]s}
`, secret, data)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	kubeconfig := held(t, nil, "../../examples/1a/mutual/ossm-2.6.yaml", file)
	to := filepath.Join(t.TempDir(), "out")
	printed := ""
	for _, format := range []string{"text", "json", "text=" + to, "json=" + to} {
		for _, asked := range [][]string{{"--all"}, {"--all", "--verbose"}, {"--to", "http://greeting.remote.com"}, {"--to", "http://" + "nobody.example", "--from", "a/b"}} {
			stdout, stderr := called(t, exitDone, append([]string{"trace", "--kubeconfig", kubeconfig, "-o", format}, asked...)...)
			written, _ := os.ReadFile(to)
			printed += stdout + stderr + string(written)
		}
	}
	if strings.Contains(printed, "-battery-") || strings.Contains(printed, data) {
		t.Error(printed)
	}
	if !strings.Contains(printed, "Secret greetings-client/greeting-client-secret") {
		t.Error("no path came to the Secret")
	}
	b, err := cluster.Read(t.Context(), cluster.Options{Kubeconfig: kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Objects {
		if bytes.Contains(o.JSON, []byte(data)) || bytes.Contains(o.JSON, []byte(secret)) {
			t.Errorf("%s", o.JSON)
		}
	}
}

// TestClusterRefuses: what the cluster does not give is said, and what depends on it is unknown.
func TestClusterRefuses(t *testing.T) {
	forbid := ""
	kubeconfig := held(t, func(w http.ResponseWriter, r *http.Request) bool {
		if forbid == "" || !strings.HasSuffix(r.URL.Path, forbid) {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"apiVersion": "v1", "kind": "Status", "code": 403, "reason": "Forbidden"}`)
		return true
	}, "../../examples/1a/mutual/ossm-2.6.yaml", supplement(t, "../../examples/1a/mutual/ossm-2.6.yaml", "ossm-2.6"))
	ask := []string{"trace", "--to", "http://greeting.remote.com", "--kubeconfig", kubeconfig}
	forbid = "/destinationrule"
	stdout, stderr := called(t, exitDone, ask...)
	if stderr != "scenario: not read: DestinationRule.networking.istio.io: forbidden\n" || !strings.Contains(stdout, "? cannot be told: not read: DestinationRule.networking.istio.io: forbidden; by") {
		t.Errorf("%s%s", stdout, stderr)
	}
	forbid = "/secret"
	stdout, stderr = called(t, exitDone, ask...)
	if stderr != "scenario: not read: Secret: forbidden\n" || !strings.Contains(stdout, "✓ arrives") || !strings.Contains(stdout, "assumed: Secret") {
		t.Errorf("%s%s", stdout, stderr)
	}
	forbid = "/apis"
	if _, stderr = called(t, exitEnvironment, ask...); !strings.HasPrefix(stderr, "scenario: cluster lab: ") {
		t.Error(stderr)
	}
}

// TestInterrupt: whoever presses Ctrl-C while a cluster is read gets the status of that.
func TestInterrupt(t *testing.T) {
	released := make(chan struct{})
	kubeconfig := held(t, func(http.ResponseWriter, *http.Request) bool {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Error(err)
		}
		<-released
		return true
	}, "../../examples/1a/mutual/ossm-2.6.yaml")
	defer close(released)
	if _, stderr := called(t, exitInterrupted, "trace", "--all", "--kubeconfig", kubeconfig); stderr != "scenario: interrupted\n" {
		t.Error(stderr)
	}
}

// TestClusterUse: what is asked wrongly is said before any cluster is asked.
func TestClusterUse(t *testing.T) {
	kubeconfig := held(t, nil, "../../examples/1a/mutual/ossm-2.6.yaml")
	for want, args := range map[string][]string{
		"--context is empty":         {"--context", ""},
		"--kubeconfig is empty":      {"--kubeconfig", ""},
		"--namespace is empty":       {"-n", ""},
		"two things":                 {"-n", "a", "-A"},
		`unknown context "prod"`:     {"--kubeconfig", kubeconfig, "--context", "prod"},
		"hint: the contexts are lab": {"--kubeconfig", kubeconfig, "--context", "prod"},
		"kubeconfig: stat /nowhere":  {"--kubeconfig", "/nowhere"},
	} {
		stdout, stderr := called(t, exitUsage, append([]string{"trace", "--all"}, args...)...)
		if stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%v: %s%s", args, stdout, stderr)
		}
	}
}
