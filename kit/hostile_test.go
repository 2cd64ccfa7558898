package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

// stub stands in for oc, kubectl, curl and scenario: it writes its arguments down, each between brackets, answers nothing
// and succeeds.
const stub = `#!/bin/sh
{ printf '[%s]' "${0##*/}" "$@"; echo; } >>"$LOG"
cat >/dev/null </dev/null
`

// TestHostile: names that no definition may have, in a kit all the same, reach every command as one argument, and run
// nothing.
func TestHostile(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"oc", "kubectl", "curl", "scenario"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(stub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i, evil := range []string{
		"a b", "it's", `say "x"`, "$(touch canary)", "`touch canary`", "x; touch canary", "x\ntouch canary\n", "-rf", "--kubeconfig=x",
		"'; touch canary; '", `\'; touch canary; '`, "$(touch canary)\n`touch canary`\nEOF\nLIST\n", "*", "> canary", "é\x01",
	} {
		for _, id := range []string{[]string{"1b", "1a", "redirect"}[i%3], "expose"} {
			k := kitOf(t, scenarios.Cell{Scenario: id, Encryption: scenarios.Mutual, Target: "istio-1.31"})
			poison(k.Plans[0], evil)
			for i, o := range k.Bundle.Objects {
				tree := o.Tree()
				metadata := tree["metadata"].(map[string]any)
				metadata["name"] = evil
				if o.Namespace != "" {
					metadata["namespace"] = evil
				}
				o, err := bundle.NewObject(tree)
				if err != nil {
					t.Fatal(err)
				}
				k.Bundle.Objects[i] = o
			}
			k.PKI, k.Secrets = evil, []Secrets{Reference, Nobody}[i%2]
			runHostile(t, k, bin, evil)
		}
	}
}

// runHostile runs the scripts of a kit where a file named canary would tell.
func runHostile(t *testing.T, k Kit, bin, evil string) {
	t.Helper()
	dir, work := write(t, k), t.TempDir()
	log := filepath.Join(work, "log")
	for _, script := range []string{"apply.sh", "test.sh", "undo.sh"} {
		command := exec.Command("sh", filepath.Join(dir, script))
		command.Dir = work
		ca := filepath.Join(dir, "wrong-ca.crt")
		command.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "LOG=" + log, "WAIT=0", "ADDRESS=192.0.2.1", "PKI=" + work, "CACERT=" + ca, "CERT=" + ca, "KEY=" + ca}
		out, err := command.CombinedOutput()
		// The stubs say nothing, so test.sh finds much amiss; but a shell that stumbles ends otherwise.
		if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
			t.Errorf("%q: %s: %v\n%s", evil, script, err, out)
		}
		for _, stumble := range []string{"syntax error", "unexpected", "Unterminated", ": not found"} {
			if strings.Contains(string(out), stumble) {
				t.Errorf("%q: %s: the shell stumbles: %s", evil, script, out)
			}
		}
	}
	entries, err := os.ReadDir(work)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "log" {
			t.Errorf("%q: it makes %s", evil, e.Name())
		}
	}
	said, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	// As a whole: the container's name is plain, and what follows it is not.
	if !strings.Contains(string(said), "["+evil+"]") && !strings.Contains(string(said), "/"+evil+"]") {
		t.Errorf("%q reaches no command as one argument:\n%s", evil, said)
	}
}

// poison sets every text of a plan that is not one of a few words.
func poison(p *scenarios.Plan, evil string) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				f := v.Type().Field(i)
				if f.Tag.Get("enum") == "" && f.Name != "Scenario" && f.Name != "Target" {
					walk(v.Field(i))
				}
			}
		case reflect.String:
			v.SetString(evil)
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			v.Set(reflect.ValueOf(map[string]string{evil: evil}))
		}
	}
	walk(reflect.ValueOf(&p.Definition).Elem())
	for i := range p.Clients {
		walk(reflect.ValueOf(&p.Clients[i].Client).Elem())
	}
}

// eachText calls f with the path of every field of a definition that holds text.
func eachText(t *testing.T, f func(path string)) {
	t.Helper()
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				walk(typ.Field(i).Type, strings.TrimPrefix(path+"."+typ.Field(i).Tag.Get("json"), "."))
			}
		case reflect.String:
			f(path)
		case reflect.Slice:
			walk(typ.Elem(), path+"[0]")
		case reflect.Map:
			f(path + ".app")
		}
	}
	walk(reflect.TypeFor[scenarios.Definition](), "")
}

// FuzzRefused: whatever is let through, in whatever field, a shell reads as it stands. But for certificates, which are in
// manifests alone.
func FuzzRefused(f *testing.F) {
	for _, w := range words {
		f.Add(w)
		f.Add("/" + w)
		f.Add("spiffe://a/" + w)
	}
	f.Fuzz(func(t *testing.T, word string) {
		harmful := strings.HasPrefix(word, "-") || strings.ContainsFunc(word, func(r rune) bool {
			return r <= ' ' || r > '~' || strings.ContainsRune("\"'\\$`{}<>|^#?", r)
		})
		if !harmful {
			return
		}
		eachText(t, func(path string) {
			if strings.HasSuffix(path, ".destinationCACertificate") {
				return
			}
			for _, id := range scenarios.IDs() {
				d := scenarios.New(id)
				if d.Set(path, word, scenarios.Position{Flag: "--set"}) != nil {
					continue
				}
				if _, err := scenarios.Resolve([]*scenarios.Draft{d}, mesh.Default); err == nil {
					t.Errorf("%s: %s: %q is let through", id, path, word)
				}
			}
		})
	})
}
