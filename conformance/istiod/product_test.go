package istiod

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

// product is the scenario command, built from the checkout, and what it says of its targets.
type product struct {
	binary  string
	targets []target
	matrix  []cellOfMatrix
}

// A target is one line of conformance/targets.
type target struct {
	Name   string
	Istio  int
	Routes bool     // OpenShift's lead to its ingress
	Gates  []string // those that are not as on the newest Istio
}

type cellOfMatrix struct {
	Scenario, Encryption, Target string
	Supported                    bool
}

func buildProduct(dir string) (*product, error) {
	p := &product{binary: filepath.Join(dir, "scenario")}
	if out, err := exec.Command("go", "build", "-C", "../..", "-o", p.binary, "./cmd/scenario").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the scenario command: %w\n%s", err, out)
	}
	for _, ask := range []struct {
		command *exec.Cmd
		into    any
	}{
		{exec.Command("go", "run", "-C", "../..", "./conformance/targets"), &p.targets},
		{exec.Command(p.binary, "list", "-o", "json"), &p.matrix},
	} {
		ask.command.Stderr = os.Stderr
		out, err := ask.command.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ask.command, err)
		}
		if err := json.Unmarshal(out, ask.into); err != nil {
			return nil, fmt.Errorf("%s: %w", ask.command, err)
		}
	}
	return p, nil
}

// judged lists the targets that this istiod can judge: none newer, and no gate makes them differ from its own.
func (p *product) judged() []target {
	var all []target
	for _, t := range p.targets {
		if len(t.Gates) == 0 && t.Istio <= judge.Minor {
			all = append(all, t)
		}
	}
	return all
}

// newest is the target of the newest Istio.
func (p *product) newest() target { return p.targets[len(p.targets)-1] }

// render runs the command as a user would, in this folder.
func (p *product) render(t *testing.T, args, target string, more ...string) *judge.Bundle {
	t.Helper()
	b, err := p.tryRender(args, target, more...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (p *product) tryRender(args, target string, more ...string) (*judge.Bundle, error) {
	command := exec.Command(p.binary, append(append([]string{"render"}, strings.Fields(args)...), append(more, "--target", target)...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("scenario render %s --target %s %s: %w\n%s", args, target, strings.Join(more, " "), err, stderr.String())
	}
	return judge.Parse("rendered", out)
}
