package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/validate"
)

// A shop is a folder of certificates for both sides of scenario 1b, and what is rendered of that.
type shop struct{ pki, manifests, secrets string }

var shopFlags = []string{"1b", "--mtls", "--include", "workload,service,traffic"}

func newShop(t *testing.T, init ...string) shop {
	t.Helper()
	t.Setenv("SCENARIO_TARGET", "")
	t.Setenv("SCENARIO_AGE_IDENTITY", "")
	dir := t.TempDir()
	s := shop{filepath.Join(dir, "pki"), filepath.Join(dir, "manifests.yaml"), filepath.Join(dir, "secrets.yaml")}
	called(t, exitDone, append([]string{"certs", "init", "--pki", s.pki}, init...)...)
	manifests, _ := called(t, exitDone, append([]string{"render"}, shopFlags...)...)
	put(t, s.manifests, manifests)
	return s
}

func (s shop) issue(t *testing.T, more ...string) {
	t.Helper()
	called(t, exitDone, slices.Concat([]string{"certs", "issue"}, shopFlags, []string{"--pki", s.pki}, more)...)
}

// swap puts the private key of one certificate beside another.
func (s shop) swap(t *testing.T) {
	t.Helper()
	key := content(t, filepath.Join(s.pki, "certs/istio-system.greeting-client-secret/tls.key"))
	at, err := filepath.EvalSymlinks(filepath.Join(s.pki, "certs/istio-system.greeting-remote-secret/tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, at, key)
}

// rulesOf validates and gives the rules of what is found, and what of it is in a folder.
func rulesOf(t *testing.T, dir string, args ...string) (ids []string, inside []validate.Finding) {
	t.Helper()
	var out, errOut bytes.Buffer
	if status := run(append([]string{"validate", "-o", "json"}, args...), nil, &out, &errOut); status > exitFindings {
		t.Fatal(errOut.String())
	}
	var answer struct{ Findings []validate.Finding }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	for _, f := range answer.Findings {
		ids = append(ids, f.Rule)
		if strings.HasPrefix(f.File, dir) {
			inside = append(inside, f)
		}
	}
	slices.Sort(ids)
	return ids, inside
}

// TestStoreBeside: of a folder of certificates is found what is found of the Secrets that are made of it, but for keys in
// files, which it has none of.
func TestStoreBeside(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		change     func(t *testing.T, s shop)
	}{
		{"right", "", func(t *testing.T, s shop) { s.issue(t) }},
		{"another name", "MSH509", func(t *testing.T, s shop) { s.issue(t, "--host", "other.example") }},
		{"the key of another", "MSH506", func(t *testing.T, s shop) { s.issue(t); s.swap(t) }},
		{"a server's for a client", "MSH510", func(t *testing.T, s shop) {
			s.issue(t)
			called(t, exitDone, "certs", "issue", "other", "--server", "--dns", "other.example", "--secret", "istio-system/greeting-client-secret", "--pki", s.pki)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			c.change(t, s)
			beside, inside := rulesOf(t, s.pki, s.manifests, "--pki", s.pki)
			secrets, _ := called(t, exitDone, "certs", "secret", "--pki", s.pki)
			put(t, s.secrets, secrets)
			files, _ := rulesOf(t, s.pki, s.manifests, s.secrets)
			if !slices.Equal(beside, files) {
				t.Errorf("beside: %v, in files: %v", beside, files)
			}
			if found := slices.Contains(beside, c.rule); found != (c.rule != "") {
				t.Errorf("found %v, not %q", beside, c.rule)
			}
			if len(inside) != len(beside) {
				t.Errorf("%d of %d at a file of the folder", len(inside), len(beside))
			}
			for _, f := range inside {
				if f.Object.Kind != "Secret" || f.Line != 0 || !strings.HasSuffix(f.File, "/tls.crt") || !strings.Contains(f.Fix, "it is certificate ") {
					t.Errorf("%+v", f)
				}
				if _, err := os.Stat(f.File); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestStoreExpired: what has expired is found beside manifests, with the command that renews it, and is not rendered.
func TestStoreExpired(t *testing.T) {
	s := newShop(t)
	old := filepath.Join(t.TempDir(), "old")
	then := certs.Options{Now: func() time.Time { return time.Now().AddDate(-1, 0, 0) }}
	store, err := certs.Create(old, certs.Init{}, then)
	if err != nil {
		t.Fatal(err)
	}
	name, secret := "istio-system.greeting-remote-secret", certs.SecretRef{Namespace: "istio-system", Name: "greeting-remote-secret", Shape: certs.PairCA}
	if _, err := store.Issue(t.Context(), certs.Wanted{Certificates: []certs.Request{{
		Name: name, Purpose: certs.Server, CommonName: "greeting.remote.com", DNS: []string{"greeting.remote.com"}, Secrets: []certs.SecretRef{secret},
	}}}); err != nil {
		t.Fatal(err)
	}
	_, inside := rulesOf(t, old, s.manifests, "--pki", old)
	if len(inside) != 1 || inside[0].Rule != "MSH507" || !strings.Contains(inside[0].Fix, "scenario certs renew "+name+" --pki ") {
		t.Errorf("%+v", inside)
	}
	expose := []string{"render", "expose", "--mtls", "--secrets", "inline", "--pki", old}
	stdout, stderr := called(t, exitFindings, expose...)
	if stdout != "" || !strings.Contains(stderr, "MSH507") {
		t.Error(stdout, stderr)
	}
	called(t, exitDone, "certs", "renew", "--pki", old)
	called(t, exitDone, expose...)
}

// TestStoreSealed: of a folder with encrypted keys the public half is judged, which is said once; with the identity that
// reads them, all of it is.
func TestStoreSealed(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s := newShop(t, "--age-recipient", identity.Recipient().String())
	file := filepath.Join(t.TempDir(), "identity")
	put(t, file, identity.String()+"\n")
	s.issue(t, "--age-identity", file)
	stdout, stderr := called(t, exitDone, "validate", s.manifests, "--pki", s.pki)
	if strings.Count(stderr, "its private keys are encrypted") != 1 || !strings.Contains(stdout, "nothing found") {
		t.Error(stdout, stderr)
	}
	if _, stderr := called(t, exitDone, "validate", s.manifests, "--pki", s.pki, "--age-identity", file); strings.Contains(stderr, "encrypted") {
		t.Error(stderr)
	}
	inline := slices.Concat([]string{"render"}, shopFlags, []string{"--secrets", "inline", "--pki", s.pki})
	if stdout, stderr := called(t, exitUsage, inline...); stdout != "" || !strings.Contains(stderr, "--age-identity") {
		t.Error(stdout, stderr)
	}
	called(t, exitDone, append(inline, "--age-identity", file)...)
}

// TestKeysStay: no private key of a folder is in what is printed or written, but in the Secrets of a bundle that is to
// have them.
func TestKeysStay(t *testing.T) {
	s := newShop(t)
	s.issue(t)
	var keys []string // as PEM and as the values of a Secret have them, without their first and last lines
	if err := filepath.WalkDir(filepath.Join(s.pki, "versions"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".key") {
			return err
		}
		text := []byte(content(t, name))
		block, _ := pem.Decode(text)
		half := base64.StdEncoding.EncodeToString(block.Bytes)[:60]
		value := base64.StdEncoding.EncodeToString(text)
		keys = append(keys, half, value[60:120])
		return nil
	}); err != nil || len(keys) != 6 {
		t.Fatal(len(keys), err)
	}
	has := func(text string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(text, key) })
	}
	render := append([]string{"render"}, shopFlags...)
	s.swap(t) // so that there is a finding about a key
	for _, args := range [][]string{
		render,
		append(render, "--secrets", "none"),
		append(render, "--secrets", "cert-manager", "--annotate"),
		append(render, "--secrets", "inline", "--pki", s.pki, "--no-validate", "-o", "name"),
		{"render", "1a", "--mtls", "--secrets", "inline", "--pki", s.pki},
		append(render, "--secrets", "inline", "--pki", s.pki),
		{"trace", s.manifests, "--all", "--verbose", "--pki", s.pki},
		{"trace", s.manifests, "--all", "-o", "json", "--pki", s.pki},
		{"certs", "issue", "1a", "--mtls", "--pki", s.pki},
		{"certs", "renew", "--pki", s.pki},
	} {
		var out, errOut bytes.Buffer
		run(args, strings.NewReader(""), &out, &errOut)
		if has(out.String() + errOut.String()) {
			t.Errorf("scenario %s prints a key", strings.Join(args, " "))
		}
	}
	for _, format := range report.FindingNames() {
		var out, errOut bytes.Buffer
		run([]string{"validate", s.manifests, "--pki", s.pki, "--threshold", "info", "-o", format}, strings.NewReader(""), &out, &errOut)
		if out.Len() == 0 || has(out.String()+errOut.String()) {
			t.Errorf("validate -o %s prints a key, or nothing", format)
		}
	}
	for _, output := range []string{"yaml", "json"} {
		stdout, stderr := called(t, exitDone, append(render, "--secrets", "inline", "--pki", s.pki, "--no-validate", "-o", output)...)
		if !has(stdout) || has(stderr) {
			t.Errorf("-o %s: the keys are not in the bundle, or on stderr", output)
		}
	}
}

// TestStoreOverCluster: what a folder holds counts as applied to the cluster, over what is there.
func TestStoreOverCluster(t *testing.T) {
	s := newShop(t)
	s.issue(t, "--host", "other.example")
	before, _ := called(t, exitDone, "certs", "secret", "--pki", s.pki)
	put(t, s.secrets, before)
	kubeconfig := held(t, nil, s.manifests, s.secrets)
	if found, _ := rulesOf(t, s.pki, "--kubeconfig", kubeconfig); !slices.Contains(found, "MSH509") {
		t.Errorf("in the cluster: %v", found)
	}
	s.issue(t)
	if found, _ := rulesOf(t, s.pki, "--kubeconfig", kubeconfig, "--pki", s.pki); slices.Contains(found, "MSH509") {
		t.Errorf("after applying what is issued anew: %v", found)
	}
	if found, _ := rulesOf(t, s.pki, "--kubeconfig", kubeconfig, "--pki", s.pki, s.secrets); !slices.Contains(found, "MSH509") {
		t.Errorf("after applying the file: %v", found)
	}
}
