// Package model asks the product's own model of traffic, and holds its answers against the judge's.
package model

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

// A Walker is the model of package traffic, in a process of its own: its modules do not go with Istio's.
type Walker struct {
	mutex   sync.Mutex
	command *exec.Cmd
	in      *json.Encoder
	out     *bufio.Scanner
	close   func() error
}

// Build compiles the walker of the checkout into a file.
func Build(into string) error {
	out, err := exec.Command("go", "build", "-C", "../..", "-o", into, "./conformance/walker").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building the walker: %w\n%s", err, out)
	}
	return nil
}

// Start runs a walker that Build made.
func Start(binary string) (*Walker, error) {
	command := exec.Command(binary)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	w := &Walker{command: command, in: json.NewEncoder(in), out: bufio.NewScanner(out), close: in.Close}
	w.out.Buffer(nil, 1<<30)
	return w, nil
}

// Close ends the process.
func (w *Walker) Close() error {
	return errors.Join(w.close(), w.command.Wait())
}

// Walk follows requests through a bundle, given as YAML, on a target; without requests, those that the model takes to
// matter.
func (w *Walker) Walk(target, yaml, mesh string, requests []judge.Request) ([]Path, error) {
	a, err := w.ask(map[string]any{"target": target, "yaml": yaml, "mesh": mesh, "requests": requests})
	return a.Paths, err
}

// Validate gives what the rules find in a bundle, with some requests beside those that the model takes to matter. What the
// bundle does not hold is missing, or with assume taken for granted.
func (w *Walker) Validate(b *judge.Bundle, mesh string, requests []judge.Request, assume bool) ([]Finding, error) {
	a, err := w.ask(map[string]any{"target": Target, "yaml": text(b), "mesh": mesh, "requests": requests, "validate": true, "assume": assume})
	return a.Findings, err
}

// Mend gives the text of a bundle with the edits that the findings of a rule offer, or nothing where they offer none.
func (w *Walker) Mend(yaml, rule string) (string, error) {
	a, err := w.ask(map[string]any{"target": Target, "yaml": yaml, "validate": true, "assume": true, "mend": rule})
	return a.Mended, err
}

// A Finding is one of package validate's, as far as it is compared.
type Finding struct {
	Rule, Severity, Message string
	Object                  struct{ Kind, Namespace, Name string }
	Field                   string
	Request                 *struct{ From, To string }
}

type answer struct {
	Paths    []Path
	Findings []Finding
	Mended   string
	Error    string
}

func (w *Walker) ask(question map[string]any) (answer, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var a answer
	if err := w.in.Encode(question); err != nil {
		return a, err
	}
	if !w.out.Scan() {
		return a, errors.Join(errors.New("the walker ended"), w.out.Err())
	}
	if err := json.Unmarshal(w.out.Bytes(), &a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// A Path is one of the model's, as far as it is compared.
type Path struct {
	Request judge.Request
	Hops    []Hop
	Outcome judge.Outcome
	Share   int
	Else    []Path
}

// A Hop is one of a [Path]: the judge's, but for who decided it.
type Hop struct {
	judge.Hop
	DecidedBy []struct{ Kind, Namespace, Name string } `json:"decidedBy"`
}
