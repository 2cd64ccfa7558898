package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "judge-")
	if err == nil {
		binary = filepath.Join(dir, "judge")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

const (
	bundle = "../../../../examples/1b/none/istio-1.31.yaml"
	from   = "greetings-client/rest-client-greeting"
	to     = "http://greeting.remote.com"
)

// run runs the command and returns its status and what it wrote.
func run(t *testing.T, environment []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	command := exec.Command(binary, args...)
	command.Env = append(os.Environ(), environment...)
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	if err := command.Run(); err != nil && command.ProcessState.ExitCode() < 0 {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), errOut.String()
}

func TestStatus(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec: {servrs: []}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		text   string // in stdout, or in stderr where the status says that nothing was judged
	}{
		{[]string{"--stock", "-f", bundle, "--from", from, "--to", to}, 0, " arrives\n"},
		{[]string{"--stock", "-f", bundle, "--from", from, "--to", to, "--server", "simple"}, 1, "protocol-error: plaintext to a service that speaks TLS"},
		{[]string{"--stock", "-f", bundle, "--from", "elsewhere/other", "--to", to}, 1, "blackhole"},
		{[]string{"--stock", "-f", bundle, "--from", "elsewhere/other", "--to", "https://a.example", "--mesh", "outboundTrafficPolicy: {mode: ALLOW_ANY}"}, 1, "passthrough"},
		{[]string{"--stock", "-f", bundle, "--check"}, 0, ""},
		{[]string{"-f", broken, "--check"}, 1, `unknown field "servrs"`},
		{[]string{"-f", bundle}, 2, "--from and --to are needed"},
		{[]string{"-f", "nowhere.yaml", "--from", from, "--to", to}, 3, "nowhere.yaml"},
		{[]string{"-f", broken, "--from", from, "--to", to}, 3, "refused by Istio's validation"},
	} {
		status, stdout, stderr := run(t, nil, c.args...)
		text := stdout
		if c.status > 1 {
			text = stderr
			if stdout != "" {
				t.Errorf("%v: wrote %q", c.args, stdout)
			}
		}
		if status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%v: exit %d\n%s%s", c.args, status, stdout, stderr)
		}
	}
}

// TestFlags holds that istiod's feature flags come from the command line alone.
func TestFlags(t *testing.T) {
	const flag = "PILOT_SCOPE_GATEWAY_TO_NAMESPACE=true"
	moved := filepath.Join(t.TempDir(), "moved.yaml")
	data, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	// The Gateway, and what names it, in a namespace other than the pods'.
	text := strings.ReplaceAll(string(data), "istio-egress/egress-", "shared/egress-")
	documents := strings.Split(text, "\n---\n")
	for i, d := range documents {
		if strings.Contains(d, "kind: Gateway") {
			documents[i] = strings.ReplaceAll(d, "namespace: istio-egress", "namespace: shared")
		}
	}
	if err := os.WriteFile(moved, []byte(strings.Join(documents, "\n---\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--stock", "-f", moved, "--from", from, "--to", to}
	for _, c := range []struct {
		environment, args []string
		status            int
	}{
		{nil, args, 0},
		{[]string{flag}, args, 0},
		{nil, append(args, "--env", flag), 1},
	} {
		if status, stdout, stderr := run(t, c.environment, c.args...); status != c.status {
			t.Errorf("environment %v, %v: exit %d\n%s%s", c.environment, c.args, status, stdout, stderr)
		}
	}
}

func TestJSON(t *testing.T) {
	_, stdout, _ := run(t, nil, "--stock", "-f", bundle, "--from", from, "--to", to, "-o", "json")
	var path judge.Path
	if err := json.Unmarshal([]byte(stdout), &path); err != nil {
		t.Fatal(err)
	}
	if len(path.Hops) != 3 || path.Hops[1].Wire.Mode != judge.IstioMutual || path.Outcome.Code != judge.Arrives {
		t.Errorf("got %s", stdout)
	}
}
