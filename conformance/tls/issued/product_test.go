package issued

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// product is the scenario command, built from the checkout.
type product struct {
	binary string
	// newest are the targets of which each product line has no newer one.
	newest []string
}

var tested *product

func build(binary string) (*product, error) {
	p := &product{binary: binary}
	if out, err := exec.Command("go", "build", "-C", "../../..", "-o", binary, "./cmd/scenario").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the scenario command: %w\n%s", err, out)
	}
	list := exec.Command("go", "run", "-C", "../../..", "./conformance/targets")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	var targets []struct {
		Name   string
		Newest bool
	}
	if err := json.Unmarshal(out, &targets); err != nil {
		return nil, err
	}
	for _, t := range targets {
		if t.Newest {
			p.newest = append(p.newest, t.Name)
		}
	}
	return p, nil
}

// ran is how a run of the command ended.
type ran struct {
	out    []byte
	errors string
	status int
}

// run runs the command, which must not tell a private key but in Secrets that were asked for. Its environment says nothing about certificates or targets.
func (p *product) run(t testing.TB, args ...string) ran {
	t.Helper()
	command := exec.CommandContext(t.Context(), p.binary, args...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "SCENARIO_") {
			command.Env = append(command.Env, variable)
		}
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	secrets := slices.Contains(args, "secret") || slices.Contains(args, "inline")
	if tells(stderr.Bytes()) || !secrets && tells(stdout.Bytes()) {
		t.Fatalf("scenario %s: a private key is in the output", strings.Join(args, " "))
	}
	return ran{stdout.Bytes(), stderr.String(), command.ProcessState.ExitCode()}
}

// tells of a private key in PEM, as it is or in base64 as Secrets have it.
func tells(output []byte) bool {
	for _, kind := range []string{"", "EC ", "RSA "} {
		begin := "-----BEGIN " + kind + "PRIVATE KEY"
		// The last characters depend on what follows.
		coded := base64.StdEncoding.EncodeToString([]byte(begin))
		if bytes.Contains(output, []byte(begin)) || bytes.Contains(output, []byte(coded[:len(coded)-4])) {
			return true
		}
	}
	return false
}

// does runs the command, which must do what it is asked for, and gives what it prints.
func (p *product) does(t testing.TB, args ...string) []byte {
	t.Helper()
	r := p.run(t, args...)
	if r.status != 0 {
		t.Fatalf("scenario %s: exit status %d\n%s", strings.Join(args, " "), r.status, r.errors)
	}
	return r.out
}

// ask runs the command and reads what it prints as JSON.
func ask[T any](t testing.TB, p *product, args ...string) T {
	t.Helper()
	return decode[T](t, p.does(t, args...))
}

// decode reads JSON that the command printed.
func decode[T any](t testing.TB, printed []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(printed, &v); err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	return v
}
