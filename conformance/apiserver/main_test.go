package apiserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// What TestMain makes ready, and nobody changes afterwards.
var (
	testplane string // the program that a plane runs
	scenario  string // the product's
	targets   []target
)

// A target is what must be known here of one of the product's.
type target struct {
	Name   string
	Istio  int  // the minor
	Newest bool // of its product line
	// ControlPlane is ServiceMeshControlPlane (Maistra's), Istio (Sail's) or Helm.
	ControlPlane string
	Routes       bool
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	temp, err := os.MkdirTemp("", "scenario-")
	if err == nil {
		defer func() { _ = os.RemoveAll(temp) }()
		err = prepare(temp)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
		return 1
	}
	results.begun = time.Now()
	status := m.Run()
	results.print(os.Stdout)
	return status
}

func prepare(temp string) (err error) {
	if testplane, err = plane.Build(); err != nil {
		return err
	}
	scenario = filepath.Join(temp, "scenario")
	build := exec.Command("go", "build", "-C", "../..", "-o", scenario, "./cmd/scenario")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as in plane.Build, to share the build cache
	if _, err := output(build); err != nil {
		return err
	}
	out, err := output(exec.Command("go", "run", "-C", "../..", "./conformance/targets"))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(out), &targets)
}

// output gives what a command prints, and an error that has what it said to stderr.
func output(command *exec.Cmd) (string, error) {
	var errOut bytes.Buffer
	command.Stderr = &errOut
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, strings.TrimSpace(errOut.String()))
	}
	return string(out), nil
}
