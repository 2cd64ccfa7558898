package random

import (
	"fmt"
	"os"
	"testing"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

func TestMain(m *testing.M) {
	if err := judge.CleanEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
