// Package istiod holds what the scenario command renders against Istio's own code: see cells.yaml for the intended
// path of every cell, mutations.yaml for what istiod makes of a bundle with one fault, and package judge for how it is
// asked.
package istiod

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// tested is the product under test.
var tested *product

// walkerBinary is the model of package traffic, as a command.
var walkerBinary string

// allCells is cells.yaml, and joinedCells joined.yaml.
var (
	allCells    []cell
	joinedCells []joinedCell
)

func TestMain(m *testing.M) {
	if err := judge.CleanEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "conformance-istiod-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		tested, err = buildProduct(dir)
	}
	if err == nil {
		walkerBinary = filepath.Join(dir, "walker")
		err = model.Build(walkerBinary)
	}
	if err == nil {
		walker, err = model.Start(walkerBinary)
	}
	if err == nil {
		pki, err = newAuthorities()
	}
	if err == nil {
		allCells, err = readCells()
	}
	if err == nil {
		joinedCells, err = readJoined()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := m.Run()
	_ = walker.Close()
	report(os.Stdout)
	return status
}
