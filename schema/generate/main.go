// Generate writes crds.txt, the schemas of the kinds that package schema knows, as the CRDs of each Istio have them.
//
// It reads Istio's CRDs out of the modules istio.io/api of each minor that a target has, the Route's out of
// github.com/openshift/api and, from the folder that SCENARIO_SHARED names, those of Maistra and of the Sail operator, of
// which no module can be had. Without that folder their schemas stay as they are written.
//
// The file has a line of JSON for each schema that is different from all others, without descriptions, and one at its
// beginning that says which line is the root of which kind. Schemas that repeat, within a kind, between its versions or
// between Istio's, are written once.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: generate FILE")
	}
	t := newTable()
	if err := t.metadata(); err != nil {
		return err
	}
	if err := t.istio(); err != nil {
		return err
	}
	if err := t.route(); err != nil {
		return err
	}
	if err := t.operators(args[0]); err != nil {
		return err
	}
	text, err := t.text()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], text, 0o666)
}
